import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { now, useSession, useWrite } from "@/aws";
import { GetObjectCommand, useS3 } from "@/aws/s3";
import { accountLabel, sessionName } from "@/components/account";
import { ErrorPanel } from "@/components/error-panel";
import { Secret } from "@/components/secret";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";
import { attachment } from "./keys";

const minutes = [5, 15, 60, 12 * 60] as const;

interface Link {
  url: string;
  ends: Date;
  /** It ends with the credentials that sign it, before the time that was wanted. */
  early: boolean;
}

/** Makes an address by which anybody gets the object for a while, as the one who makes it. */
export function Share({ bucket, objectKey, onClose }: { bucket: string; objectKey: string; onClose: () => void }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const { session } = useSession();
  const options = minutes.map((n) => ({ value: String(n), label: m("shareFor", { minutes: n }) }));
  const [wanted, setWanted] = useState(15);
  const [link, setLink] = useState<Link>();
  const make = useWrite(
    async (): Promise<Link> => {
      const expiresIn = wanted * 60;
      const { expiration } = await s3.config.credentials();
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: objectKey,
        ResponseContentDisposition: attachment(objectKey),
      });
      const { getSignedUrl } = await import("@/aws/s3-presign");
      const url = await getSignedUrl(s3, command, { expiresIn });
      const asked = now() + expiresIn * 1000;
      const last = expiration ? expiration.getTime() + now() - Date.now() : asked;
      return { url, ends: new Date(Math.min(asked, last)), early: last < asked };
    },
    { invalidates: [], onDone: setLink },
  );
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={m("shareTitle")}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {c("close")}
            </Button>
            <Button variant="primary" loading={make.pending} onClick={() => make.start(undefined)}>
              {m("shareMake")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">{m("shareWarning", { who: `${sessionName(session)} @ ${accountLabel(session)}` })}</Alert>
        <FormField label={m("shareHowLong")} description={m("shareEnds")}>
          <Select
            selectedOption={options.find((o) => o.value === String(wanted)) ?? null}
            options={options}
            onChange={({ detail }) => {
              setLink(undefined); // it is of another length
              setWanted(Number(detail.selectedOption.value));
            }}
          />
        </FormField>
        {make.problem && <ErrorPanel problem={make.problem} />}
        {link && (
          <SpaceBetween size="xs">
            <Secret value={link.url} name={m("shareLink")} />
            <div>{m.rich(link.early ? "shareUntilEarly" : "shareUntil", { time: <Time value={link.ends} /> })}</div>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Modal>
  );
}
