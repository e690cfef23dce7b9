import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { useSession } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { arnName, arnPath, parseArn } from "./arn";
import { CopyButton } from "./copy-button";
import { base, useTo } from "./links";

interface Props {
  arn: string | undefined;
  /** Shows the name alone; the ARN is its title. */
  short?: boolean;
  /** Shown in place of the ARN, which is its title. */
  text?: string;
  copy?: boolean;
}

/**
 * An ARN, which leads to the page of what it names. One of another account leads to a session of that account, or to
 * the choice how to get one.
 */
export function ArnLink({ arn, short = false, text, copy = false }: Props) {
  const m = useMessages(common);
  const to = useTo();
  const { session } = useSession();
  if (!arn) return <>{m("dash")}</>;
  const path = arnPath(arn);
  const account = parseArn(arn)?.account ?? "";
  const own = account === "" || account === "aws" || account === session.accountId;
  const shown = text ?? (short ? arnName(arn) : arn);
  return (
    <span className="break" title={shown === arn ? undefined : arn}>
      {path === undefined ? (
        <Box display="inline">{shown}</Box>
      ) : (
        <Link href={own ? to(path) : `${base}${path}${path.includes("?") ? "&" : "?"}account=${account}`}>{shown}</Link>
      )}
      {copy && (
        <>
          {" "}
          <CopyButton text={arn} name={m("arn")} />
        </>
      )}
    </span>
  );
}
