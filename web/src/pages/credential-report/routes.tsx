import { text, type NavigationItem, type PageRoute } from "@/components/area";
import iam from "@/messages/en/iam";
import messages from "@/messages/en/credential-report";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  {
    path: "iam/credential-report",
    lazy: () => import("./report"),
    handle: { crumbs: [{ text: text(iam, "iam"), to: "/iam" }, title] },
  },
];

export const navigation: NavigationItem[] = [{ section: "iam", order: 70, text: title, to: "/iam/credential-report" }];
