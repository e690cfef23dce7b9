import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRead } from "@/aws";
import { useOrganizations } from "@/aws/organizations";
import { accountDigits } from "@/components/account";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { accountNode, unitsBelow, useAccounts, type Node } from "./organization";

/** How many matches are shown: who sees more of them types more. */
const most = 50;

interface Found {
  node: Node;
  /** What tells it from others of its name. */
  beside: string;
}

interface Props {
  root: Node;
  text: string;
  selected: string;
  onSelect: (node: Node) => void;
}

/** What of the organization matches a text by its name, id or e-mail: units with what they lie in, then accounts. */
export function Matches({ root, text, selected, onSelect }: Props) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const units = useRead(["organizations", "units"], () => unitsBelow(organizations, root, []));
  const accounts = useAccounts();
  const wanted = text.trim().toLowerCase();
  const digits = wanted.replaceAll("-", "");
  const matches = (...words: (string | undefined)[]) => words.some((word) => word?.toLowerCase().includes(wanted));

  const list = (found: Found[]) => (
    <SpaceBetween size="xs">
      <ul className="org-plain">
        {found.slice(0, most).map(({ node, beside }) => (
          <li key={node.id}>
            <Link
              variant={selected === node.id ? "primary" : "secondary"}
              ariaLabel={m("selectNode", { name: node.name })}
              onFollow={() => onSelect(node)}
            >
              <span className="break">{node.name}</span>
            </Link>{" "}
            <Box variant="small" display="inline">
              <span className="break">{beside}</span>
            </Box>
          </li>
        ))}
      </ul>
      {found.length === 0 && <Box color="text-body-secondary">{m("noneFound")}</Box>}
      {found.length > most && <Box color="text-body-secondary">{m("moreFound", { count: found.length - most })}</Box>}
    </SpaceBetween>
  );

  return (
    <SpaceBetween size="m">
      <div>
        <Box variant="h3">{m("foundUnits")}</Box>
        <PanelState reading={units}>
          {(all) =>
            list(
              all
                .filter(({ node }) => matches(node.name, node.id))
                .map(({ node, way }) => ({ node, beside: way.length > 0 ? way.join(" › ") : node.id })),
            )
          }
        </PanelState>
      </div>
      <div>
        <Box variant="h3">{m("foundAccounts")}</Box>
        <PanelState reading={accounts}>
          {(all) =>
            list(
              all
                .filter((a) => matches(a.Name, a.Email) || (digits !== "" && a.Id?.includes(digits)))
                .map((a) => ({ node: accountNode(a), beside: `${accountDigits(a.Id ?? "")} ${a.Email ?? ""}` })),
            )
          }
        </PanelState>
        {accounts.more && (
          <Button formAction="none" variant="inline-link" loading={accounts.readingMore} onClick={accounts.readMore}>
            {m("searchMore", { count: accounts.items.length })}
          </Button>
        )}
      </div>
    </SpaceBetween>
  );
}
