import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/switchrole";

export const routes: PageRoute[] = [
  { path: "switchrole", lazy: () => import("./switch-role"), handle: { crumbs: [text(messages, "title")] } },
];

export const navigation: NavigationItem[] = [
  { section: "me", order: 20, text: text(messages, "title"), to: "/switchrole" },
];
