import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import { useTo } from "@/components/links";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { folderPath, foldersOf } from "./keys";

/** Where in the bucket this is. */
export function Folders({ bucket, prefix }: { bucket: string; prefix: string }) {
  const m = useMessages(messages);
  const to = useTo();
  return (
    <div className="s3-folders">
      <BreadcrumbGroup
        ariaLabel={m("folders")}
        items={[
          { text: bucket, href: to(folderPath(bucket, "")) },
          ...foldersOf(prefix).map((f) => ({ text: f.name || "/", href: to(folderPath(bucket, f.prefix)) })),
        ]}
      />
    </div>
  );
}
