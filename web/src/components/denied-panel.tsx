import type { Denied } from "@/aws";
import { ErrorPanel } from "./error-panel";

/** Says what one may not do, why, and what to give an administrator. */
export function DeniedPanel({ denied }: { denied: Denied }) {
  return <ErrorPanel problem={denied} />;
}
