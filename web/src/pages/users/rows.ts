/** Users as the list shows them: with what a report and one more call say of all of them at once, where that is wanted. */
import { useMemo } from "react";
import { readAll, useList, useRead, type List, type Reading } from "@/aws";
import { GetAccountAuthorizationDetailsCommand, ListUsersCommand, useIam, type User } from "@/aws/iam";
import { useCredentialReport, type Report, type ReportRow } from "@/components/credential-report";

export interface UserRow extends User {
  /** Undefined where they were not asked for, or may not be seen. */
  groups?: string[];
  report?: ReportRow;
}

export interface Users {
  list: List<UserRow>;
  report: Reading<Report>;
  groups: Reading<Map<string, string[]>>;
}

export function useUsers(more: boolean): Users {
  const iam = useIam();
  const users = useList(["iam", "users"], async (Marker) => {
    const page = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
    return { items: page.Users ?? [], next: page.Marker };
  });
  const report = useCredentialReport({ enabled: more });
  // No call a row: one answer has the groups of everybody.
  const groups = useRead(
    ["iam", "users", "groups"],
    async () => {
      const details = await readAll(async (Marker) => {
        const asked = { Filter: ["User" as const], Marker, MaxItems: 1000 };
        const page = await iam.send(new GetAccountAuthorizationDetailsCommand(asked));
        return { items: page.UserDetailList ?? [], next: page.Marker };
      });
      return new Map(details.map((d) => [d.UserName ?? "", d.GroupList ?? []]));
    },
    { enabled: more },
  );
  const { items } = users;
  const rows = useMemo(() => {
    if (!more) return items;
    const reported = new Map((report.data?.rows ?? []).map((row) => [row.arn, row]));
    return items.map((user): UserRow => ({
      ...user,
      groups: groups.data?.get(user.UserName ?? ""),
      report: reported.get(user.Arn ?? ""),
    }));
  }, [items, more, report.data, groups.data]);
  return { list: { ...users, items: rows, data: users.data && rows }, report, groups };
}
