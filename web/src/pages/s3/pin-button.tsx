import Button from "@cloudscape-design/components/button";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { usePinned } from "./pinned";

/** Keeps a bucket at hand, or no longer. */
export function PinButton({ bucket, icon = false }: { bucket: string; icon?: boolean }) {
  const m = useMessages(messages);
  const pinned = usePinned();
  const on = pinned.has(bucket);
  const label = m(on ? "unpinName" : "pinName", { name: bucket });
  return (
    <Button
      formAction="none"
      variant={icon ? "inline-icon" : "normal"}
      iconName={on ? "star-filled" : "star"}
      ariaLabel={label}
      onClick={() => pinned.toggle(bucket)}
    >
      {icon ? undefined : m(on ? "unpin" : "pin")}
    </Button>
  );
}
