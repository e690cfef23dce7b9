import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/security-credentials";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  { path: "security-credentials", lazy: () => import("./page"), handle: { crumbs: [title] } },
];

export const navigation: NavigationItem[] = [{ section: "me", order: 10, text: title, to: "/security-credentials" }];
