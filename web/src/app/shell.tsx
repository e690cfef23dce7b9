import AppLayout from "@cloudscape-design/components/app-layout-toolbar";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { Suspense, useContext, useEffect, useRef, useState, type MouseEvent } from "react";
import { Outlet, useLocation, useMatches, useNavigate, useNavigation } from "react-router";
import { useSession } from "@/aws";
import { accountLabel, sessionName } from "@/components/account";
import { arnName } from "@/components/arn";
import type { Crumb, PageHandle, Section } from "@/components/area";
import { base, useTo } from "@/components/links";
import { rememberRecent } from "@/components/recent";
import { LanguageContext, useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { Help, Palette, useShortcuts } from "./keyboard";
import { NoticeBar, type NoticeList } from "./notices";
import { navigation } from "./routes";
import { TopBar } from "./top-bar";
import type { Known } from "./use-sessions";
import { Waiting } from "./waiting";

const sections: Exclude<Section, "home">[] = ["iam", "access", "organization", "storage", "me"];

export function Shell({ notices, sessions }: { notices: NoticeList; sessions: Known }) {
  const m = useMessages(shell);
  const shortcuts = useShortcuts();
  const follow = useFollow();
  const crumbs = useCrumbs();
  useTitle(crumbs.map((c) => c.text));
  useRemember(crumbs);
  const content = useFocusOnTurn(notices.turnPage);
  const [open, setOpen] = useState(() => innerWidth > 1000);
  const { pathname } = useLocation();
  const busy = useNavigation().state !== "idle";

  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- links do
    <div className="shell" onClick={follow}>
      <a className="skip" href="#content">
        {m("skip")}
      </a>
      <TopBar sessions={sessions} notices={notices} openPalette={shortcuts.openPalette} openHelp={shortcuts.openHelp} />
      <AppLayout
        headerSelector="#bar"
        toolsHide
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigation={<Navigation />}
        breadcrumbs={<BreadcrumbGroup items={crumbs} ariaLabel={m("breadcrumbs")} />}
        notifications={<NoticeBar notices={notices} />}
        stickyNotifications
        content={
          <div id="content" ref={content} tabIndex={-1} aria-busy={busy}>
            <Suspense key={pathname} fallback={<Waiting />}>
              <Outlet />
            </Suspense>
          </div>
        }
        ariaLabels={{
          navigation: m("navigation"),
          navigationToggle: m("navigationOpen"),
          navigationClose: m("navigationClose"),
          notifications: m("notices"),
        }}
      />
      {shortcuts.palette && <Palette close={shortcuts.close} />}
      {shortcuts.help && <Help close={shortcuts.close} />}
    </div>
  );
}

/**
 * Returns what follows clicks on links into this session without loading the page anew. Components need only href, and
 * a new tab, a copy of the address and the status bar work as everywhere.
 */
function useFollow() {
  const navigate = useNavigate();
  const { session } = useSession();
  return (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.download || (link.target && link.target !== "_self")) return;
    const own = `${base}/~${session.id}`;
    if (link.origin !== location.origin) return;
    if (link.pathname !== own && !link.pathname.startsWith(`${own}/`)) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    void navigate(link.pathname.slice(base.length) + link.search + link.hash);
  };
}

function Navigation() {
  const m = useMessages(shell);
  const language = useContext(LanguageContext);
  const to = useTo();
  const { pathname } = useLocation();
  const lines = navigation
    .filter((n) => !n.hidden)
    .toSorted((a, b) => a.order - b.order)
    .map((n) => ({ section: n.section, type: "link" as const, text: n.text.in(language), href: to(n.to) }));
  // The line of this page, or of the page nearest above it that has one.
  const above = useCrumbs().map((step) => step.href);
  const near = [base + pathname, ...above.toReversed()].map((href) => href.replace(/\/$/, ""));
  const active = near.flatMap((href) => lines.find((l) => l.href.replace(/\/$/, "") === href) ?? [])[0]?.href;
  const items: SideNavigationProps.Item[] = sections.flatMap((section) => {
    const links = lines.filter((l) => l.section === section);
    if (links.length === 0) return [];
    return [{ type: "section" as const, text: m(`section_${section}`), items: links }];
  });
  const homes = lines.filter((l) => l.section === "home");
  return (
    <SideNavigation
      header={{ text: m("console"), href: to("/") }}
      activeHref={active}
      items={[...homes, ...(homes.length > 0 ? [{ type: "divider" as const }] : []), ...items]}
    />
  );
}

interface Step {
  text: string;
  href: string;
  /** It stands for a thing, whose name the address has. */
  thing?: boolean;
}

/** The breadcrumbs are the route: each page's handle says its steps. */
function useCrumbs(): Step[] {
  const language = useContext(LanguageContext);
  const to = useTo();
  const match = useMatches().findLast((m) => (m.handle as PageHandle | undefined)?.crumbs);
  const crumbs = (match?.handle as PageHandle | undefined)?.crumbs ?? [];
  return crumbs.map((crumb: Crumb) => {
    if (typeof crumb === "string") {
      const text = match?.params[crumb.slice(1)] ?? "";
      return { text, href: base + upTo(match?.pathname ?? "", text), thing: true };
    }
    if ("to" in crumb) return { text: crumb.text.in(language), href: to(crumb.to) };
    return { text: crumb.in(language), href: "#" };
  });
}

/** The part of a path that ends with a segment, for the step of what the page is a part of: /iam/roles/x of its trust. */
function upTo(pathname: string, segment: string): string {
  const segments = pathname.split("/");
  const at = segments.findLastIndex((s) => s === segment || s === encodeURIComponent(segment));
  return at < 0 ? pathname : segments.slice(0, at + 1).join("/");
}

/** Tells tabs and history entries apart: what first, whose after it. */
function useTitle(steps: string[]): void {
  const { session } = useSession();
  const title = [...steps.toReversed(), `${sessionName(session)} @ ${accountLabel(session)}`, "Regent"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** A thing whose page was opened is found again in the palette and on the first page. */
function useRemember(steps: Step[]): void {
  const { session } = useSession();
  const { id, arn } = session;
  const last = steps.at(-1);
  const kind = steps.at(-2)?.text ?? "";
  const { text, href } = last?.thing ? last : { text: "", href: "" };
  useEffect(() => {
    const own = `${base}/~${id}/`;
    if (href.startsWith(own)) rememberRecent(arn, { text: arnName(text), kind, to: href.slice(own.length - 1) });
  }, [id, arn, text, href, kind]);
}

/** Another page: its beginning has the focus, as when a page is loaded. A tab or a filter is no other page. */
function useFocusOnTurn(turnPage: () => void) {
  const content = useRef<HTMLDivElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    // The same page of a session that was signed in to again.
    const same = shown.current.replace(/^\/~[^/]*/, "") === pathname.replace(/^\/~[^/]*/, "");
    shown.current = pathname;
    if (same) return;
    turnPage();
    scrollTo(0, 0);
    content.current?.focus({ preventScroll: true });
  }, [pathname, turnPage]);
  return content;
}
