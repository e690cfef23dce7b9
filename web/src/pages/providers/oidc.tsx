import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useWrite } from "@/aws";
import {
  AddClientIDToOpenIDConnectProviderCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
  useIam,
} from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { FormDialog } from "@/components/credentials/dialog";
import { DeleteThing } from "@/components/delete-thing";
import { ErrorPanel } from "@/components/error-panel";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { areThumbprints, thumbprintsIn } from "./fields";
import { providerKey, useOidc } from "./reading";

export function Oidc({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const provider = useOidc(arn);
  return (
    <SpaceBetween size="l">
      <Container>
        <PanelState reading={provider} lines={2}>
          {(p) => (
            <KeyValue
              pairs={[
                { label: m("kind"), value: m("kindOidc") },
                { label: m("url"), value: `https://${p.Url?.replace(/^https:\/\//, "") ?? ""}` },
                { label: m("arn"), value: <ArnLink arn={arn} copy /> },
                { label: m("created"), value: <Time value={p.CreateDate} /> },
              ]}
            />
          )}
        </PanelState>
      </Container>
      {provider.data && (
        <>
          <Audiences arn={arn} audiences={provider.data.ClientIDList ?? []} />
          <Thumbprints arn={arn} thumbprints={provider.data.ThumbprintList ?? []} />
        </>
      )}
    </SpaceBetween>
  );
}

function Audiences({ arn, audiences }: { arn: string; audiences: string[] }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [name, setName] = useState("");
  const [removing, setRemoving] = useState<string>();
  const of = { OpenIDConnectProviderArn: arn };
  const add = useWrite(
    (ClientID: string) => iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...of, ClientID })),
    {
      invalidates: [providerKey(arn)],
      done: (_, client) => m("audienceAdded", { name: client }),
      onDone: () => setName(""),
    },
  );
  const wanted = name.trim();
  return (
    <Container
      header={
        <Header variant="h2" description={m("audiencesText")}>
          {m("audiences")}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {add.problem && <ErrorPanel problem={add.problem} />}
        {audiences.length === 0 ? (
          m("audiencesEmpty")
        ) : (
          <ul className="steps" aria-label={m("audiences")}>
            {audiences.toSorted().map((client) => (
              <li key={client}>
                <SpaceBetween direction="horizontal" size="s">
                  <code className="break">{client}</code>
                  <Button
                    variant="inline-link"
                    ariaLabel={m("audienceRemoveName", { name: client })}
                    onClick={() => setRemoving(client)}
                  >
                    {m("audienceRemove")}
                  </Button>
                </SpaceBetween>
              </li>
            ))}
          </ul>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (wanted !== "" && !add.pending) add.start(wanted);
          }}
        >
          <FormField
            label={m("audience")}
            secondaryControl={
              <Button formAction="submit" loading={add.pending} disabled={wanted === ""}>
                {m("audienceAdd")}
              </Button>
            }
          >
            <Input
              value={name}
              spellcheck={false}
              autoComplete={false}
              onChange={({ detail }) => setName(detail.value)}
            />
          </FormField>
        </form>
        {wanted !== "" && (
          <ViewAs
            calls={[
              {
                service: "iam",
                command: "add-client-id-to-open-id-connect-provider",
                options: { "open-id-connect-provider-arn": arn, "client-id": wanted },
              },
            ]}
          />
        )}
      </SpaceBetween>
      {removing !== undefined && (
        <DeleteThing
          name={removing}
          title={m("audienceRemoveTitle", { name: removing })}
          label={m("audienceRemove")}
          warning={m("audienceRemoveText")}
          steps={[
            {
              text: m("audienceRemoveName", { name: removing }),
              run: () => iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...of, ClientID: removing })),
              call: {
                service: "iam",
                command: "remove-client-id-from-open-id-connect-provider",
                options: { "open-id-connect-provider-arn": arn, "client-id": removing },
              },
            },
          ]}
          done={m("audienceRemoved", { name: removing })}
          invalidates={providerKey(arn)}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Container>
  );
}

function Thumbprints({ arn, thumbprints }: { arn: string; thumbprints: string[] }) {
  const m = useMessages(messages);
  const [editing, setEditing] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("thumbprintsText")}
          actions={<Button onClick={() => setEditing(true)}>{m("thumbprintsEdit")}</Button>}
        >
          {m("thumbprints")}
        </Header>
      }
    >
      {thumbprints.length === 0 ? (
        m("thumbprintsEmpty")
      ) : (
        <ul className="steps" aria-label={m("thumbprints")}>
          {thumbprints.map((print) => (
            <li key={print}>
              <code className="break">{print}</code>
            </li>
          ))}
        </ul>
      )}
      {editing && <EditThumbprints arn={arn} before={thumbprints} onClose={() => setEditing(false)} />}
    </Container>
  );
}

function EditThumbprints({ arn, before, onClose }: { arn: string; before: string[]; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [text, setText] = useState(before.join("\n"));
  const list = thumbprintsIn(text);
  const save = useWrite<void, unknown>(
    () =>
      iam.send(
        new UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn: arn, ThumbprintList: list }),
      ),
    { invalidates: [providerKey(arn)], done: () => m("thumbprintsSaved"), onDone: onClose },
  );
  return (
    <FormDialog
      title={m("thumbprintsEdit")}
      label={m("save")}
      pending={save.pending}
      disabled={!areThumbprints(list)}
      problem={save.problem}
      onSubmit={() => save.start()}
      onClose={onClose}
    >
      <FormField
        label={m("thumbprintsField")}
        constraintText={m("thumbprintsHelp")}
        errorText={areThumbprints(list) ? undefined : m("thumbprintsWrong")}
      >
        <Textarea value={text} rows={5} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "update-open-id-connect-provider-thumbprint",
            options: { "open-id-connect-provider-arn": arn, "thumbprint-list": list },
          },
        ]}
      />
    </FormDialog>
  );
}
