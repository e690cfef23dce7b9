import Badge from "@cloudscape-design/components/badge";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Account } from "@/aws/organizations";
import { accountDigits } from "@/components/account";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { useAccounts } from "./organization";

/** All accounts in one table, which is how one is found. */
export function Accounts({ management }: { management: string | undefined }) {
  const m = useMessages(messages);
  const to = useTo();
  const accounts = useAccounts();
  return (
    <ResourceTable<Account>
      name="accounts"
      title={m("tabAccounts")}
      list={accounts}
      rowId={(a) => a.Id ?? ""}
      columns={[
        {
          id: "name",
          header: m("name"),
          value: (a) => a.Name,
          cell: (a) => (
            <SpaceBetween direction="horizontal" size="xs">
              <Link href={to(path`/org/accounts/${a.Id ?? ""}`)}>{a.Name}</Link>
              {a.Id === management && <Badge color="blue">{m("management")}</Badge>}
            </SpaceBetween>
          ),
        },
        { id: "id", header: m("id"), value: (a) => a.Id, cell: (a) => accountDigits(a.Id ?? "") },
        { id: "email", header: m("email"), value: (a) => a.Email },
        { id: "status", header: m("status"), value: (a) => a.State ?? a.Status },
        {
          id: "joined",
          header: m("joined"),
          value: (a) => a.JoinedTimestamp,
          cell: (a) => <Time value={a.JoinedTimestamp} />,
        },
        { id: "how", header: m("joinedHow"), value: (a) => a.JoinedMethod, hidden: true },
        { id: "arn", header: m("arn"), value: (a) => a.Arn, hidden: true },
      ]}
      empty={<Empty title={m("noAccounts")} text={m("noAccountsText")} cli="aws organizations list-accounts" />}
    />
  );
}
