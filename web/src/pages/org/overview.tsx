import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useSession } from "@/aws";
import type { Organization } from "@/aws/organizations";
import { useTab } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Accounts } from "./accounts";
import { CreateAccount } from "./create-account";
import { CreateUnit } from "./create-unit";
import { Invitations, Invite } from "./invitations";
import { Move } from "./move";
import { NodePanel } from "./node-panel";
import { NoOrganization, OfMember } from "./not-management";
import { isCode, useNode, useOrganization, useRoot, type Node } from "./organization";
import { Matches } from "./search";
import { Settings } from "./settings";
import { Tree } from "./tree";
import "./org.css";

/** The organization: what an account sees of it depends on what it is in it. */
export function Component() {
  const organization = useOrganization();
  const m = useMessages(messages);
  if (isCode(organization.problem, "AWSOrganizationsNotInUseException")) return <NoOrganization />;
  if (organization.data) return <Whole organization={organization.data} />;
  return (
    <ContentLayout header={<Header variant="h1">{m("title")}</Header>}>
      <PanelState reading={organization} lines={6}>
        {() => <Box>{m("nothingBelow")}</Box>}
      </PanelState>
    </ContentLayout>
  );
}

const tabs = ["tree", "accounts", "invitations", "settings"] as const;

function Whole({ organization }: { organization: Organization }) {
  const m = useMessages(messages);
  const root = useRoot();
  const { session } = useSession();
  const [tab, setTab] = useTab(tabs);
  const [dialog, setDialog] = useState<"account" | "invite">();
  // Who administers it by delegation may read it; whoever else is told where that is done.
  const member = organization.MasterAccountId !== session.accountId;
  if (member && root.problem?.kind === "denied") return <OfMember organization={organization} problem={root.problem} />;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={m("description", { id: organization.Id ?? "" })}
          actions={
            <ButtonDropdown
              variant="primary"
              items={[
                { id: "account", text: m("createAccount") },
                { id: "invite", text: m("invite") },
              ]}
              onItemClick={({ detail }) => setDialog(detail.id === "invite" ? "invite" : "account")}
            >
              {m("addAccount")}
            </ButtonDropdown>
          }
        >
          {m("title")}
        </Header>
      }
    >
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => setTab(detail.activeTabId)}
        tabs={[
          {
            id: "tree",
            label: m("tabTree"),
            content: (
              <PanelState reading={root} lines={6}>
                {(r) => (
                  <TreeAndNode
                    root={{ kind: "root", id: r?.Id ?? "", name: r?.Name ?? "Root", arn: r?.Arn ?? "" }}
                    management={organization.MasterAccountId}
                  />
                )}
              </PanelState>
            ),
          },
          { id: "accounts", label: m("tabAccounts"), content: <Accounts management={organization.MasterAccountId} /> },
          { id: "invitations", label: m("tabInvitations"), content: <Invitations /> },
          { id: "settings", label: m("tabSettings"), content: <Settings organization={organization} /> },
        ]}
      />
      {dialog === "account" && <CreateAccount onClose={() => setDialog(undefined)} />}
      {dialog === "invite" && <Invite onClose={() => setDialog(undefined)} />}
    </ContentLayout>
  );
}

function TreeAndNode({ root, management }: { root: Node; management: string | undefined }) {
  const m = useMessages(messages);
  const [search, setSearch] = useSearchParams();
  const [chosen, setChosen] = useState<Node>();
  // An address that was copied says which node was looked at.
  const asked = search.get("node") ?? root.id;
  const linked = useNode(asked, chosen?.id !== asked && asked !== root.id);
  const node = chosen?.id === asked ? chosen : (linked.data ?? root);
  const [moving, setMoving] = useState<{ node: Node; to?: Node }>();
  const [creating, setCreating] = useState<Node>();
  const [text, setText] = useState("");
  const select = (selected: Node) => {
    setChosen(selected);
    const next = new URLSearchParams(search);
    next.set("node", selected.id);
    setSearch(next, { replace: true });
  };
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <Button disabled={node.kind === "account"} onClick={() => setCreating(node)}>
                {m("createUnit")}
              </Button>
            }
          >
            {m("tree")}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <Input
            type="search"
            value={text}
            ariaLabel={m("find")}
            placeholder={m("findPlaceholder")}
            clearAriaLabel={m("findClear")}
            spellcheck={false}
            onChange={({ detail }) => setText(detail.value)}
          />
          {text.trim() !== "" && <Matches root={root} text={text} selected={node.id} onSelect={select} />}
          {/* What was opened in it stays open. */}
          <div hidden={text.trim() !== ""}>
            <Tree
              root={root}
              management={management}
              selected={node.id}
              onSelect={select}
              onMove={(account, to) => setMoving({ node: account, to })}
            />
          </div>
        </SpaceBetween>
      </Container>
      <div>
        <NodePanel
          key={node.id}
          root={root}
          node={node}
          management={management}
          onMove={() => setMoving({ node })}
          onGone={() => select(root)}
        />
      </div>
      {moving && <Move root={root} account={moving.node} to={moving.to} onClose={() => setMoving(undefined)} />}
      {creating && <CreateUnit parent={creating} onClose={() => setCreating(undefined)} />}
    </Grid>
  );
}
