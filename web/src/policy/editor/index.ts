/** What pages that edit policies use. The editor itself is loaded when it is first shown. */
export { PolicyEditor } from "./lazy";
export { JsonEditor, type JsonEditorProps } from "./json-editor";
export type { JsonViewHandle } from "./json-view";
export type { PolicyEditorProps, View } from "./policy-editor";
export { FindingCounts, FindingList } from "../lint/finding-list";
export { useLint, type Lint } from "../lint/use-lint";
export { SavePolicy } from "../save/save-policy";
export type { PolicyKind } from "../model/document";
export type { Span } from "../model/findings";
export { Doubts, isDoubtful } from "../save/doubts";
export { quotas, size } from "../model/size";
export { newDocument, newStatement } from "../model/statement";
