import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useRead, useWrite } from "@/aws";
import { GetPublicAccessBlockCommand, PutPublicAccessBlockCommand, useS3 } from "@/aws/s3";
import { ErrorPanel } from "@/components/error-panel";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";

const switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] as const;

type Block = Record<(typeof switches)[number], boolean>;

/** The four switches that keep a bucket from the public, whatever its policy says. */
export function PublicAccess({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const [draft, setDraft] = useState<Block>();
  const key = ["s3", "bucket", bucket, "public-access"];
  const block = useRead(key, async (): Promise<Block> => {
    const of = (config: Partial<Block> = {}): Block => ({
      BlockPublicAcls: config.BlockPublicAcls ?? false,
      IgnorePublicAcls: config.IgnorePublicAcls ?? false,
      BlockPublicPolicy: config.BlockPublicPolicy ?? false,
      RestrictPublicBuckets: config.RestrictPublicBuckets ?? false,
    });
    try {
      const answer = await s3.send(new GetPublicAccessBlockCommand({ Bucket: bucket }));
      return of(answer.PublicAccessBlockConfiguration);
    } catch (error) {
      if ((error as Error).name === "NoSuchPublicAccessBlockConfiguration") return of();
      throw error;
    }
  });
  const save = useWrite(
    (next: Block) => s3.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: next })),
    { invalidates: [key, ["s3", "bucket", bucket, "policy"]], done: () => m("publicAccessSaved", { name: bucket }) },
  );
  const submit = async (next: Block) => {
    if (await save.run(next)) setDraft(undefined);
  };
  const edit = () => {
    save.reset();
    setDraft(block.data);
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("publicAccessText")}
          actions={
            !draft && (
              <Button disabled={!block.data} onClick={edit}>
                {c("edit")}
              </Button>
            )
          }
        >
          {m("publicAccess")}
        </Header>
      }
    >
      {draft ? (
        <SpaceBetween size="m">
          {switches.map((name) => (
            <Checkbox
              key={name}
              checked={draft[name]}
              description={m(`${name}Text`)}
              onChange={({ detail }) => setDraft({ ...draft, [name]: detail.checked })}
            >
              {m(name)}
            </Checkbox>
          ))}
          {save.problem && <ErrorPanel problem={save.problem} />}
          <ViewAs
            calls={[
              {
                service: "s3api",
                command: "put-public-access-block",
                options: {
                  bucket,
                  "public-access-block-configuration": switches.map((s) => `${s}=${draft[s]}`).join(","),
                },
              },
            ]}
          />
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" onClick={() => setDraft(undefined)}>
                {c("cancel")}
              </Button>
              <Button variant="primary" loading={save.pending} onClick={() => void submit(draft)}>
                {c("save")}
              </Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      ) : (
        <PanelState reading={block} lines={4}>
          {(now) => (
            <SpaceBetween size="xs">
              {switches.map((name) => (
                <StatusIndicator key={name} type={now[name] ? "success" : "warning"}>
                  {m("switchIs", { name: m(name), state: m(now[name] ? "on" : "off") })}
                </StatusIndicator>
              ))}
            </SpaceBetween>
          )}
        </PanelState>
      )}
    </Container>
  );
}
