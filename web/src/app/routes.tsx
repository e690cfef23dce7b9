import { createBrowserRouter, Outlet, type RouteObject } from "react-router";
import type { AreaModule } from "@/components/area";
import { base } from "@/components/links";
import { Choose } from "./choose";
import { NotFound, PageError } from "./page-error";
import { SessionGate } from "./session-gate";
import { SignedIn } from "./signed-in";

// Each area says itself what pages it has: nobody edits a list here.
const areas = Object.values(import.meta.glob<AreaModule>("../pages/*/routes.tsx", { eager: true }));

export const navigation = areas.flatMap((area) => area.navigation);

const pages: RouteObject[] = areas.flatMap((area) =>
  // The page's own boundary: a page that breaks leaves the shell standing.
  area.routes.map((route) => ({ ...route, ErrorBoundary: PageError })),
);

export const routes: RouteObject[] = [
  {
    element: <Outlet />,
    HydrateFallback: () => null,
    ErrorBoundary: PageError,
    children: [
      { path: "/signed-in", element: <SignedIn /> },
      { path: "/:session/signed-in", element: <SignedIn /> }, // the sign-in names the session in what it leads to
      {
        // ":session" is "~" and an id, or the first part of a path without one: SessionGate tells them apart.
        path: "/:session",
        element: <SessionGate />,
        children: [...pages, { path: "*", element: <NotFound /> }],
      },
      { path: "*", element: <Choose /> },
    ],
  },
];

export function newRouter() {
  return createBrowserRouter(routes, { basename: base });
}
