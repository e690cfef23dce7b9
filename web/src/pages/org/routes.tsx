import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/org";

const organization = { text: text(messages, "title"), to: "/org" };
const policies = { text: text(messages, "policies"), to: "/org/policies" };

export const routes: PageRoute[] = [
  { path: "org", lazy: () => import("./overview"), handle: { crumbs: [organization.text] } },
  { path: "org/accounts/:id", lazy: () => import("./account"), handle: { crumbs: [organization, ":id"] } },
  { path: "org/policies", lazy: () => import("./policies"), handle: { crumbs: [organization, policies.text] } },
  { path: "org/policies/:id", lazy: () => import("./policy"), handle: { crumbs: [organization, policies, ":id"] } },
];

export const navigation: NavigationItem[] = [
  { section: "organization", order: 10, ...organization, shortcut: "o" },
  { section: "organization", order: 20, ...policies },
];
