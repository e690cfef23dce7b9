import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "@/aws";
import { accountLabel } from "@/components/account";
import { Empty } from "@/components/empty";
import { useTo } from "@/components/links";
import { Swatch } from "@/components/swatch";
import { useMessages } from "@/messages";
import messages from "@/messages/en/home";

/** The roles that the signed-in user pinned or switched to last. */
export function Roles() {
  const m = useMessages(messages);
  const to = useTo();
  const { pinned, history } = useSession();
  const recent = history.filter((h) => !pinned.some((p) => p.account === h.account && p.roleName === h.roleName));
  const roles = [...pinned, ...recent];
  const button = <Button href={to("/switchrole")}>{m("switchRole")}</Button>;
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" description={m("rolesText")} actions={roles.length > 0 && button}>
          {m("rolesTitle")}
        </Header>
      }
    >
      {roles.length === 0 ? (
        <Empty title={m("rolesEmpty")} text={m("rolesEmptyText")} action={button} />
      ) : (
        <SpaceBetween size="s">
          {roles.map((role, i) => {
            const { account, roleName, displayName, color } = role;
            const query = new URLSearchParams({ account, roleName, displayName, color });
            return (
              <div key={`${account}/${roleName}`} className="choice">
                <Swatch color={color} />
                <div className="break">
                  <Link href={to(`/switchrole?${query}`)}>{displayName || roleName}</Link>{" "}
                  {i < pinned.length && <Badge>{m("pinnedRole")}</Badge>}
                  <Box color="text-body-secondary">
                    {accountLabel({ accountId: account, accountAlias: role.accountAlias })}
                  </Box>
                </div>
              </div>
            );
          })}
        </SpaceBetween>
      )}
    </Container>
  );
}
