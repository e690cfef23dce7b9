import Alert from "@cloudscape-design/components/alert";
import { useSession } from "@/aws";
import { accountDigits } from "@/components/account";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { useOrganization } from "./organization";

/** Says which account manages the organization, where this one does not and may not see what was asked for. */
export function ManagedElsewhere({ denied }: { denied: boolean }) {
  const m = useMessages(messages);
  const { session } = useSession();
  const { data } = useOrganization();
  const management = data?.MasterAccountId;
  if (!denied || management === undefined || management === session.accountId) return null;
  return <Alert type="info">{m("managedElsewhere", { account: accountDigits(management) })}</Alert>;
}
