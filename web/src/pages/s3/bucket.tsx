import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useSearchParams } from "react-router";
import { useGo, useParam, useTab } from "@/components/links";
import { Loading } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { DeleteBucket } from "./delete-bucket";
import { placeOf } from "./keys";
import { Objects } from "./objects";
import { PinButton } from "./pin-button";
import { UploadPanel } from "./upload-panel";
import "./s3.css";

const tabs = ["objects", "properties", "permissions", "uploads"] as const;

// What is not seen first is loaded when it is wanted: the editor of policies alone is heavier than the list of objects.
const MultipartUploads = lazy(async () => ({ default: (await import("./multipart-uploads")).MultipartUploads }));
const ObjectPage = lazy(async () => ({ default: (await import("./object")).ObjectPage }));
const Permissions = lazy(async () => ({ default: (await import("./permissions")).Permissions }));
const Properties = lazy(async () => ({ default: (await import("./properties")).Properties }));

// Within the tab, so that the tab that was chosen keeps the focus.
const later = (content: ReactNode) => <Suspense fallback={<Loading />}>{content}</Suspense>;

/** A bucket at one of its folders, or one of its objects: the address says which. */
export function Component() {
  const bucket = useParam("bucket");
  const rest = useParam("*");
  const [search] = useSearchParams();
  const place = placeOf(rest, search);
  if ("object" in place) {
    return later(<ObjectPage key={place.object} bucket={bucket} objectKey={place.object} />);
  }
  return <Bucket key={place.prefix} bucket={bucket} prefix={place.prefix} />;
}

function Bucket({ bucket, prefix }: { bucket: string; prefix: string }) {
  const m = useMessages(messages);
  const go = useGo();
  const [tab, setTab] = useTab(tabs);
  const [act, setAct] = useState<"empty" | "delete">();
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <PinButton bucket={bucket} />
              <Button onClick={() => setAct("empty")}>{m("empty")}</Button>
              <Button onClick={() => setAct("delete")}>{m("deleteBucket")}</Button>
            </SpaceBetween>
          }
        >
          <span className="break">{bucket}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            { id: "objects", label: m("tabObjects"), content: <Objects bucket={bucket} prefix={prefix} /> },
            { id: "properties", label: m("tabProperties"), content: later(<Properties bucket={bucket} />) },
            { id: "permissions", label: m("tabPermissions"), content: later(<Permissions bucket={bucket} />) },
            { id: "uploads", label: m("tabUploads"), content: later(<MultipartUploads bucket={bucket} />) },
          ]}
        />
        <UploadPanel />
      </SpaceBetween>
      {act && (
        <DeleteBucket
          bucket={bucket}
          onlyEmpty={act === "empty"}
          onClose={() => setAct(undefined)}
          onDeleted={act === "delete" ? () => go("/s3", { replace: true }) : undefined}
        />
      )}
    </ContentLayout>
  );
}
