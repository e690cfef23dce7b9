import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useList } from "@/aws";
import { ListBucketsCommand, useS3, type Bucket } from "@/aws/s3";
import { Empty } from "@/components/empty";
import { useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { CreateBucket } from "./create-bucket";
import { DeleteBucket } from "./delete-bucket";
import { GoToBucket } from "./go-to-bucket";
import { folderPath } from "./keys";
import { PinButton } from "./pin-button";
import { usePinned } from "./pinned";
import { PublicCell, ReachCell } from "./reach-cell";
import { UploadPanel } from "./upload-panel";
import "./s3.css";

export function Component() {
  const m = useMessages(messages);
  const to = useTo();
  const s3 = useS3();
  const pinned = usePinned();
  const [open, setOpen] = useState<{ act: "create" } | { act: "empty" | "delete"; bucket: string }>();
  const buckets = useList(["s3", "buckets"], async (ContinuationToken) => {
    const page = await s3.send(new ListBucketsCommand({ ContinuationToken, MaxBuckets: 1000 }));
    return { items: page.Buckets ?? [], next: page.ContinuationToken };
  });

  const columns: Column<Bucket>[] = [
    {
      id: "name",
      header: m("name"),
      value: (b) => b.Name,
      cell: ({ Name = "" }) => (
        <>
          <Link href={to(folderPath(Name, ""))}>
            <span className="break">{Name}</span>
          </Link>{" "}
          <PinButton bucket={Name} icon />
        </>
      ),
    },
    { id: "region", header: m("region"), value: (b) => b.BucketRegion },
    {
      id: "created",
      header: m("created"),
      value: (b) => b.CreationDate,
      cell: (b) => <Time value={b.CreationDate} />,
    },
    {
      id: "public",
      header: m("public"),
      value: () => undefined,
      cell: (b) => <PublicCell bucket={b.Name ?? ""} />,
      unfiltered: true,
    },
    {
      id: "reach",
      header: m("reach"),
      value: () => undefined,
      cell: (b) => <ReachCell bucket={b.Name ?? ""} />,
      unfiltered: true,
      minWidth: 220,
    },
    { id: "pinned", header: m("pinned"), value: (b) => pinned.has(b.Name ?? ""), hidden: true },
  ];

  const table = (
    <ResourceTable
      name="buckets"
      title={m("title")}
      heading="h1"
      description={m("description")}
      list={buckets}
      columns={columns}
      rowId={(b) => b.Name ?? ""}
      selection="single"
      empty={
        <Empty
          title={m("emptyTitle")}
          text={m("emptyText")}
          action={<Button onClick={() => setOpen({ act: "create" })}>{m("create")}</Button>}
          cli="aws s3api create-bucket --bucket my-bucket"
        />
      }
      actions={([selected]) => (
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!selected} onClick={() => setOpen({ act: "empty", bucket: selected?.Name ?? "" })}>
            {m("empty")}
          </Button>
          <Button disabled={!selected} onClick={() => setOpen({ act: "delete", bucket: selected?.Name ?? "" })}>
            {m("delete")}
          </Button>
          <Button variant="primary" onClick={() => setOpen({ act: "create" })}>
            {m("create")}
          </Button>
        </SpaceBetween>
      )}
    />
  );
  return (
    <SpaceBetween size="l">
      {table}
      <GoToBucket />
      <UploadPanel />
      {open?.act === "create" && <CreateBucket onClose={() => setOpen(undefined)} />}
      {(open?.act === "empty" || open?.act === "delete") && (
        <DeleteBucket bucket={open.bucket} onlyEmpty={open.act === "empty"} onClose={() => setOpen(undefined)} />
      )}
    </SpaceBetween>
  );
}
