import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useRead, useSession, useWrite } from "@/aws";
import { CreateAccountAliasCommand, DeleteAccountAliasCommand, ListAccountAliasesCommand, useIam } from "@/aws/iam";
import { signin } from "@/aws/sessions";
import { CopyButton } from "@/components/copy-button";
import { FormDialog } from "@/components/credentials/dialog";
import { DeleteThing } from "@/components/delete-thing";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/settings";
import { isAlias } from "./fields";

const key = ["iam", "account-alias"];

/** The account's one alias. Another takes its place (IA-62). */
export function Alias() {
  const m = useMessages(messages);
  const iam = useIam();
  const { session } = useSession();
  const [open, setOpen] = useState<"set" | "delete">();
  const alias = useRead(key, async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases?.[0] ?? "");
  const has = alias.data !== undefined && alias.data !== "";
  const url = `${location.origin}${signin}?account=${alias.data || session.accountId}`;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("aliasText")}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {has && <Button onClick={() => setOpen("delete")}>{m("aliasDelete")}</Button>}
              <Button onClick={() => setOpen("set")}>{m(has ? "aliasChange" : "aliasSet")}</Button>
            </SpaceBetween>
          }
        >
          {m("aliasTitle")}
        </Header>
      }
    >
      <PanelState reading={alias} lines={1}>
        {(name) => (
          <KeyValue
            columns={2}
            pairs={[
              { label: m("alias"), value: name || m("aliasNone") },
              { label: m("aliasUrl"), value: <CopyButton text={url} name={m("aliasUrl")} shown /> },
            ]}
          />
        )}
      </PanelState>
      {open === "set" && <SetAlias before={alias.data ?? ""} onClose={() => setOpen(undefined)} />}
      {open === "delete" && (
        <DeleteThing
          name={alias.data ?? ""}
          title={m("aliasDeleteTitle", { alias: alias.data ?? "" })}
          warning={m("aliasBreaks", { alias: alias.data ?? "" })}
          steps={[
            {
              text: m("aliasDelete"),
              run: () => iam.send(new DeleteAccountAliasCommand({ AccountAlias: alias.data })),
              call: { service: "iam", command: "delete-account-alias", options: { "account-alias": alias.data } },
            },
          ]}
          done={m("aliasDeleted")}
          invalidates={key}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Container>
  );
}

function SetAlias({ before, onClose }: { before: string; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [name, setName] = useState(before);
  const [tried, setTried] = useState(false);
  const set = useWrite((AccountAlias: string) => iam.send(new CreateAccountAliasCommand({ AccountAlias })), {
    invalidates: [key],
    done: (_, alias) => m("aliasSaved", { alias }),
    onDone: onClose,
  });
  return (
    <FormDialog
      title={m(before === "" ? "aliasSet" : "aliasChange")}
      label={m("aliasSet")}
      pending={set.pending}
      disabled={name === before}
      problem={set.problem}
      onSubmit={() => {
        setTried(true);
        if (isAlias(name)) set.start(name);
      }}
      onClose={onClose}
    >
      {before !== "" && <Alert type="warning">{m("aliasBreaks", { alias: before })}</Alert>}
      <FormField
        label={m("alias")}
        constraintText={m("aliasHelp")}
        errorText={tried && !isAlias(name) ? m("aliasWrong") : undefined}
      >
        <Input value={name} spellcheck={false} autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <ViewAs calls={[{ service: "iam", command: "create-account-alias", options: { "account-alias": name } }]} />
    </FormDialog>
  );
}
