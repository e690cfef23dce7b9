/** The parts of the editor that are loaded when they are first shown. */
import { lazy, Suspense, type Ref } from "react";
import { Loading } from "@/components/panel-state";
import type { BufferViewHandle } from "./buffer-view";
import type { JsonEditorProps } from "./json-editor";
import type { PolicyEditorProps } from "./policy-editor";

const Policy = lazy(() => import("./policy-editor"));
const Json = lazy(() => import("./json-editor"));

/** Edits a policy: as forms or as JSON. */
export function PolicyEditor(props: PolicyEditorProps) {
  return (
    <Suspense fallback={<Loading lines={12} />}>
      <Policy {...props} />
    </Suspense>
  );
}

/** Edits a policy as JSON, without what stands around. */
export function JsonEditor({ handle, ...props }: JsonEditorProps & { handle?: Ref<BufferViewHandle> }) {
  return (
    <Suspense fallback={<Loading lines={8} />}>
      <Json ref={handle} {...props} />
    </Suspense>
  );
}
