/** What there is in the account, in numbers. */
import { useRead } from "@/aws";
import { GetAccountSummaryCommand, useIam } from "@/aws/iam";

export function useSummary() {
  const iam = useIam();
  return useRead(
    ["iam", "account-summary"],
    async () => (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {},
  );
}
