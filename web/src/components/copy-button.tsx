import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";

interface Props {
  text: string;
  /** What is copied, for the button's name: "ARN". */
  name?: string;
  /** Shows the text beside the button. */
  shown?: boolean;
  /** What is written on the button. */
  label?: string;
  /** With a label: an icon before text, as a line of text has room for. */
  inline?: boolean;
}

/** Copies a text. */
export function CopyButton({ text, name = "", shown = false, label, inline = false }: Props) {
  const m = useMessages(common);
  const said = { copySuccessText: m("copied"), copyErrorText: m("copyFailed") };
  const aria = name === "" ? m("copy") : m("copyName", { name });
  if (shown) return <CopyToClipboard variant="inline" textToCopy={text} copyButtonAriaLabel={aria} {...said} />;
  if (label !== undefined && inline) {
    return (
      <CopyToClipboard variant="inline" textToCopy={text} textToDisplay={label} copyButtonAriaLabel={label} {...said} />
    );
  }
  if (label !== undefined) {
    return (
      <CopyToClipboard
        variant="button"
        textToCopy={text}
        copyButtonText={label}
        copyButtonAriaLabel={label}
        {...said}
      />
    );
  }
  return <CopyToClipboard variant="icon" textToCopy={text} copyButtonAriaLabel={aria} {...said} />;
}
