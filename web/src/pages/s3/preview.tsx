import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useCallback, useState } from "react";
import { useRead } from "@/aws";
import { GetObjectCommand, useS3 } from "@/aws/s3";
import { PanelState } from "@/components/panel-state";
import { Snippet } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import type { PreviewKind } from "./content-type";

const mostOfText = 64 * 1024;
export const mostOfImage = 10 * 1024 * 1024;

interface Props {
  bucket: string;
  objectKey: string;
  kind: PreviewKind;
  type: string;
  size: number;
}

/** Shows an image, or the beginning of a text, when somebody asks. It is content that anybody may have written. */
export function Preview(props: Props) {
  const m = useMessages(messages);
  const [shown, setShown] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button onClick={() => setShown(!shown)} ariaExpanded={shown}>
              {m(shown ? "previewHide" : "previewShow")}
            </Button>
          }
        >
          {m("preview")}
        </Header>
      }
    >
      {shown ? <Content {...props} /> : <Box color="text-body-secondary">{m("previewText")}</Box>}
    </Container>
  );
}

function Content({ bucket, objectKey, kind, type, size }: Props) {
  const m = useMessages(messages);
  const s3 = useS3();
  const part = kind === "text" && size > mostOfText;
  const bytes = useRead(["s3", "bucket", bucket, "objects", "preview", objectKey], async () => {
    const Range = part ? `bytes=0-${mostOfText - 1}` : undefined;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey, Range }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  });
  return (
    <PanelState reading={bytes} lines={6}>
      {(content) =>
        kind === "image" ? (
          <Image bytes={content} type={type} name={objectKey} />
        ) : (
          <>
            <Snippet text={new TextDecoder().decode(content)} name={m("preview")} />
            {part && <Box color="text-body-secondary">{m("previewPart")}</Box>}
          </>
        )
      }
    </PanelState>
  );
}

function Image({ bytes, type, name }: { bytes: Uint8Array; type: string; name: string }) {
  const m = useMessages(messages);
  const [broken, setBroken] = useState(false);
  const load = useCallback(
    (img: HTMLImageElement) => {
      const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
      img.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [bytes, type],
  );
  if (broken) return <Box color="text-body-secondary">{m("previewBroken")}</Box>;
  return <img className="s3-preview" ref={load} alt={name} onError={() => setBroken(true)} />;
}
