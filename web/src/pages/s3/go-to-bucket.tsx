import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { parseArn } from "@/components/arn";
import { useGo, useTo } from "@/components/links";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { bucketFault, folderPath } from "./keys";
import { PinButton } from "./pin-button";
import { usePinned } from "./pinned";

/** The name in what somebody pastes: a name, an ARN, or s3://name/…. */
export function bucketIn(text: string): string {
  const trimmed = text.trim();
  const arn = parseArn(trimmed);
  const rest = arn?.service === "s3" ? arn.resource : trimmed.replace(/^s3:\/\//, "");
  return rest.split("/")[0] ?? "";
}

/** The way to a bucket that no list shows: another account's, or anyone's for whom may not list them. */
export function GoToBucket() {
  const m = useMessages(messages);
  const go = useGo();
  const to = useTo();
  const pinned = usePinned();
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const name = bucketIn(text);
  const fault = tried ? bucketFault(name) : undefined;
  return (
    <Container header={<Header variant="h2">{m("goTitle")}</Header>}>
      <SpaceBetween size="m">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (bucketFault(name) === undefined) go(folderPath(name, ""));
          }}
        >
          <FormField
            label={m("goLabel")}
            description={m("goText")}
            errorText={fault && m(fault)}
            secondaryControl={<Button formAction="submit">{m("go")}</Button>}
          >
            <Input value={text} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
          </FormField>
        </form>
        {pinned.names.length > 0 && (
          <div>
            <Header variant="h3">{m("pinnedTitle")}</Header>
            <ul className="s3-pins">
              {pinned.names.map((bucket) => (
                <li key={bucket}>
                  <Link href={to(folderPath(bucket, ""))}>
                    <span className="break">{bucket}</span>
                  </Link>{" "}
                  <PinButton bucket={bucket} icon />
                </li>
              ))}
            </ul>
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}
