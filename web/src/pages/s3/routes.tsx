import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/s3";

const buckets = { text: text(messages, "title"), to: "/s3" };

export const routes: PageRoute[] = [
  { path: "s3", lazy: () => import("./buckets"), handle: { crumbs: [buckets.text] } },
  // What follows the bucket is a folder when it ends with a slash, else an object: see keys.ts.
  { path: "s3/:bucket/*", lazy: () => import("./bucket"), handle: { crumbs: [buckets, ":bucket"] } },
];

export const navigation: NavigationItem[] = [{ section: "storage", order: 10, ...buckets, shortcut: "s" }];
