/** What pages use of this folder. The clients of services are modules of their own: @/aws/iam, @/aws/s3, … */
export { useConnection, useRegent, useSession, type CurrentSession } from "./context";
export { policyFor, problemOf, type Denied, type Problem } from "./errors";
export { useNotices } from "./notices";
export { readAll, type Page, type ReadPage } from "./pages";
export { useList, useRead, useWrite, type List, type Reading, type Write } from "./queries";
export { now } from "./clock";
export type { Role, Session } from "./sessions";
