import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useProblemTitle } from "@/components/error-panel";
import { useTo } from "@/components/links";
import { ViewAs } from "@/components/snippet";
import { useLocale, useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { Bytes, bytesText } from "./bytes";
import { nameOf, objectPath } from "./keys";
import { totalsOf, type UploadItem, type UploadState } from "./upload-queue";
import { useUploads } from "./uploads";

const pageSize = 10;

const indicators: Record<UploadState, StatusIndicatorProps.Type> = {
  waiting: "pending",
  uploading: "in-progress",
  paused: "stopped",
  done: "success",
  failed: "error",
  canceled: "stopped",
};

const percent = (sent: number, of: number, done: boolean) => (of === 0 ? (done ? 100 : 0) : (sent / of) * 100);

/** What is being uploaded, from whatever page it was begun. Nothing when nothing is. */
export function UploadPanel() {
  const m = useMessages(messages);
  const to = useTo();
  const locale = useLocale();
  const { queue, items, owner } = useUploads();
  const [page, setPage] = useState(1);
  if (items.length === 0) return null;
  const totals = totalsOf(items);
  const pages = Math.ceil(items.length / pageSize);
  const at = Math.min(page, pages);
  const each = (act: (id: number) => void) => () => items.forEach((item) => act(item.id));
  const over = totals.active + totals.paused === 0;

  return (
    <Table<UploadItem>
      trackBy={(item) => String(item.id)}
      items={items.slice((at - 1) * pageSize, at * pageSize)}
      ariaLabels={{ tableLabel: m("uploads") }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            counter={`(${totals.files})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {totals.active > 0 && <Button onClick={each((id) => queue.pause(id))}>{m("pauseAll")}</Button>}
                {totals.paused > 0 && <Button onClick={each((id) => queue.resume(id))}>{m("resumeAll")}</Button>}
                {totals.failed > 0 && (
                  <Button onClick={() => items.filter((i) => i.state === "failed").forEach((i) => queue.retry(i.id))}>
                    {m("retryAll")}
                  </Button>
                )}
                {!over && <Button onClick={each((id) => queue.cancel(id))}>{m("cancelAll")}</Button>}
                <Button onClick={() => queue.clear(owner)} disabled={items.length === totals.active + totals.paused}>
                  {m("clearEnded")}
                </Button>
              </SpaceBetween>
            }
          >
            {m("uploads")}
          </Header>
          <ProgressBar
            value={percent(totals.sent, totals.bytes, over && totals.failed === 0)}
            status={over ? (totals.failed > 0 ? "error" : "success") : "in-progress"}
            label={m("uploadsTotal")}
            additionalInfo={m("uploadsSent", {
              sent: bytesText(totals.sent, locale),
              bytes: bytesText(totals.bytes, locale),
            })}
            resultText={m("uploadsResult", { done: totals.done, failed: totals.failed })}
          />
        </SpaceBetween>
      }
      columnDefinitions={[
        {
          id: "name",
          header: m("name"),
          isRowHeader: true,
          minWidth: 160,
          cell: (item) => (
            <div className="break">
              {item.state === "done" ? (
                <Link href={to(objectPath(item.bucket, item.key))}>{nameOf(item.key)}</Link>
              ) : (
                nameOf(item.key)
              )}
              <Box fontSize="body-s" color="text-body-secondary">
                {`${item.bucket}/${item.key}`}
              </Box>
            </div>
          ),
        },
        { id: "size", header: m("size"), cell: (item) => <Bytes value={item.size} />, minWidth: 90 },
        { id: "state", header: m("state"), cell: (item) => <ItemState item={item} />, minWidth: 180 },
        {
          id: "acts",
          header: m("acts"),
          minWidth: 120,
          cell: (item) => <ItemActs item={item} queue={queue} />,
        },
      ]}
      pagination={
        pages > 1 ? (
          <Pagination
            currentPageIndex={at}
            pagesCount={pages}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
          />
        ) : undefined
      }
      footer={
        <ViewAs
          calls={items.slice(0, pageSize).map((item) => ({
            service: "s3api",
            command: "put-object",
            options: { bucket: item.bucket, key: item.key, body: nameOf(item.key) },
          }))}
        />
      }
    />
  );
}

function ItemState({ item }: { item: UploadItem }) {
  const m = useMessages(messages);
  const titleOf = useProblemTitle();
  if (item.state === "uploading" || (item.state === "paused" && item.sent > 0)) {
    return (
      <ProgressBar
        ariaLabel={m("uploadOf", { name: item.key })}
        value={percent(item.sent, item.size, false)}
        additionalInfo={item.state === "paused" ? m("state_paused") : undefined}
      />
    );
  }
  return (
    <StatusIndicator type={indicators[item.state]}>
      {item.problem ? titleOf(item.problem) : m(`state_${item.state}`)}
    </StatusIndicator>
  );
}

function ItemActs({ item, queue }: { item: UploadItem; queue: ReturnType<typeof useUploads>["queue"] }) {
  const m = useMessages(messages);
  const name = nameOf(item.key);
  const { id, state } = item;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {(state === "waiting" || state === "uploading") && (
        <Button
          variant="inline-icon"
          iconName="pause"
          ariaLabel={m("pauseName", { name })}
          onClick={() => queue.pause(id)}
        />
      )}
      {state === "paused" && (
        <Button
          variant="inline-icon"
          iconName="play"
          ariaLabel={m("resumeName", { name })}
          onClick={() => queue.resume(id)}
        />
      )}
      {(state === "failed" || state === "canceled") && (
        <Button
          variant="inline-icon"
          iconName="refresh"
          ariaLabel={m("retryName", { name })}
          onClick={() => queue.retry(id)}
        />
      )}
      {(state === "waiting" || state === "uploading" || state === "paused") && (
        <Button
          variant="inline-icon"
          iconName="close"
          ariaLabel={m("cancelName", { name })}
          onClick={() => queue.cancel(id)}
        />
      )}
    </SpaceBetween>
  );
}
