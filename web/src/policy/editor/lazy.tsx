/** The parts of the editor that are loaded when they are first shown. */
import { lazy, Suspense } from "react";
import { Loading } from "@/components/panel-state";
import type { JsonViewProps } from "./json-view";
import type { PolicyEditorProps } from "./policy-editor";

const Policy = lazy(() => import("./policy-editor"));
const Json = lazy(() => import("./json-view"));

/** Edits a policy: as forms or as JSON. */
export function PolicyEditor(props: PolicyEditorProps) {
  return (
    <Suspense fallback={<Loading lines={12} />}>
      <Policy {...props} />
    </Suspense>
  );
}

/** Shows a buffer as JSON. */
export function JsonView(props: JsonViewProps) {
  return (
    <Suspense fallback={<Loading lines={12} />}>
      <Json {...props} />
    </Suspense>
  );
}
