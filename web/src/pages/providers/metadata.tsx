/** Metadata of a SAML provider: chosen as a file, and what it says. */
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { now } from "@/aws";
import { KeyValue } from "@/components/key-value";
import { useLocale, useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { readMetadata } from "./fields";

interface Props {
  text: string;
  onChange: (text: string) => void;
  tried: boolean;
}

export function MetadataField({ text, onChange, tried }: Props) {
  const m = useMessages(messages);
  const [files, setFiles] = useState<File[]>([]);
  const metadata = text === "" ? undefined : readMetadata(text);
  const wrong = text === "" ? (tried ? m("metadataMissing") : undefined) : metadata ? undefined : m("metadataWrong");
  return (
    <SpaceBetween size="s">
      <FormField label={m("metadata")} description={m("metadataText")} errorText={wrong}>
        <FileUpload
          value={files}
          accept=".xml,application/xml,text/xml"
          showFileSize
          i18nStrings={{
            uploadButtonText: () => m("metadataChoose"),
            dropzoneText: () => m("metadataChoose"),
            removeFileAriaLabel: () => m("removeFile"),
            limitShowFewer: "",
            limitShowMore: "",
            errorIconAriaLabel: "",
          }}
          onChange={({ detail }) => {
            setFiles(detail.value);
            const [file] = detail.value;
            if (file === undefined) return onChange("");
            void file.text().then(onChange);
          }}
        />
      </FormField>
      {metadata && (
        <KeyValue
          columns={2}
          pairs={[
            { label: m("entity"), value: metadata.entity },
            { label: m("certificates"), value: <Ends ends={metadata.ends} /> },
          ]}
        />
      )}
    </SpaceBetween>
  );
}

const soon = 30 * 86_400_000;

/** When the certificates end, with a warning in time. */
export function Ends({ ends }: { ends: Date[] }) {
  const m = useMessages(messages);
  const locale = useLocale();
  if (ends.length === 0) return <>{m("certificateNone")}</>;
  return (
    <SpaceBetween size="xxs">
      {ends.map((end) => {
        const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(end);
        const left = end.getTime() - now();
        if (left <= 0) {
          return (
            <StatusIndicator key={date} type="error">
              {m("certificateEnded", { date })}
            </StatusIndicator>
          );
        }
        return (
          <StatusIndicator key={date} type={left < soon ? "warning" : "success"}>
            {left < soon ? m("certificateSoon", { date }) : date}
          </StatusIndicator>
        );
      })}
    </SpaceBetween>
  );
}
