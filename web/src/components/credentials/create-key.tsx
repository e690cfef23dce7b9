/** Creates an access key: asks what for, offers the better way first, and shows the secret once. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useConnection, useSession, useWrite } from "@/aws";
import { CreateAccessKeyCommand, useIam, type AccessKey } from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { CopyButton } from "../copy-button";
import { csv, download } from "../csv";
import { KeyValue } from "../key-value";
import { useTo } from "../links";
import { Secret } from "../secret";
import { shellQuote, Snippet, ViewAs } from "../snippet";
import { FormDialog } from "./dialog";
import { credentialsKey, nameOf, type Holder } from "./holder";

const purposes = ["cli", "server", "ci", "third", "other"] as const;
type Purpose = (typeof purposes)[number];

const texts = {
  cli: { name: "purposeCli", better: "betterCli", to: "/iam/roles/create", link: "betterRole" },
  server: { name: "purposeServer", better: "betterServer", to: "/iam/providers", link: "betterProviders" },
  ci: { name: "purposeCi", better: "betterCi", to: "/iam/providers", link: "betterProviders" },
  third: { name: "purposeThird", better: "betterThird", to: "/iam/roles/create", link: "betterRole" },
  other: { name: "purposeOther", better: "betterOther", to: "/iam/roles/create", link: "betterRole" },
} as const;

interface Props {
  holder: Holder;
  onClose: () => void;
  /** What it is for was said already: a rotation. */
  again?: boolean;
}

export function CreateKey({ holder, onClose, again = false }: Props) {
  const m = useMessages(credentials);
  const iam = useIam();
  const to = useTo();
  const [purpose, setPurpose] = useState<Purpose>();
  const [made, setMade] = useState<AccessKey>();
  const UserName = holder.own ? undefined : holder.userName;
  const create = useWrite<void, unknown>(
    // The secret goes into this dialog's state and nowhere else.
    async () => setMade((await iam.send(new CreateAccessKeyCommand({ UserName }))).AccessKey),
    { invalidates: [credentialsKey(holder)] },
  );
  if (made) return <Created holder={holder} made={made} onClose={onClose} />;
  const better = purpose && texts[purpose];
  return (
    <FormDialog
      title={holder.own ? m("createTitle") : m("createTitleFor", { name: nameOf(holder) })}
      label={again ? m("keyCreate") : m("createAnyway")}
      variant={again ? "primary" : "normal"}
      disabled={!again && purpose === undefined}
      pending={create.pending}
      problem={create.problem}
      size="large"
      onSubmit={() => create.start()}
      onClose={onClose}
    >
      {holder.userName === undefined && <Alert type="warning">{m("createRoot")}</Alert>}
      {!again && (
        <FormField label={m("purpose")} stretch>
          <RadioGroup
            value={purpose ?? null}
            items={purposes.map((value) => ({ value, label: m(texts[value].name) }))}
            onChange={({ detail }) => setPurpose(detail.value as Purpose)}
          />
        </FormField>
      )}
      {better && (
        <Alert type="info" header={m("better")} action={<Button href={to(better.to)}>{m(better.link)}</Button>}>
          {m(better.better)}
        </Alert>
      )}
      <ViewAs calls={[{ service: "iam", command: "create-access-key", options: { "user-name": UserName } }]} />
    </FormDialog>
  );
}

function Created({ holder, made, onClose }: { holder: Holder; made: AccessKey; onClose: () => void }) {
  const m = useMessages(credentials);
  const { session } = useSession();
  const { endpoint } = useConnection();
  const name = nameOf(holder);
  const id = made.AccessKeyId ?? "";
  const secret = made.SecretAccessKey ?? "";
  const file = `${name}_accessKeys.csv`;
  const profile = shellQuote(holder.userName ?? session.accountId);
  const lines = [
    `aws configure import --csv file://${shellQuote(file)}`,
    `aws configure set region us-east-1 --profile ${profile}`,
    `aws configure set endpoint_url ${shellQuote(endpoint)} --profile ${profile}`,
  ];
  return (
    <FormDialog
      title={m("createdTitle")}
      size="large"
      label={m("createdDone")}
      onSubmit={onClose}
      onClose={onClose}
      actions={
        <Button
          formAction="none"
          iconName="download"
          onClick={() =>
            // The columns that `aws configure import` looks for.
            download(
              file,
              csv(
                ["User Name", "Access key ID", "Secret access key"],
                [[holder.userName ?? session.accountId, id, secret]],
              ),
            )
          }
        >
          {m("createdCsv")}
        </Button>
      }
    >
      <Alert type="warning">{m("createdText", { name })}</Alert>
      <KeyValue
        columns={1}
        pairs={[
          { label: m("keyId"), value: <CopyButton text={id} name={m("keyId")} shown /> },
          { label: m("createdSecret"), value: <Secret value={secret} name={m("createdSecret")} /> },
        ]}
      />
      <SpaceBetween size="xxs">
        <Box variant="awsui-key-label">{m("createdImport")}</Box>
        <Snippet text={lines.join("\n")} name={m("createdImport")} />
      </SpaceBetween>
    </FormDialog>
  );
}
