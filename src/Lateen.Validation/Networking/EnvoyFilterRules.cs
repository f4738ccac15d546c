using System.Text;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>EnvoyFilter, but for the patched configuration itself (EF-1 to EF-26).</summary>
internal static class EnvoyFilterRules
{
    private const int MaxExpression = 1024;

    public static void Check(EnvoyFilter filter, Field at)
    {
        EnvoyFilterSpec spec = filter.Spec;
        Field place = at["spec"];
        at.Warning("EF-1", "depends on how the proxy is configured inside, which changes; prefer another kind where one can do it");
        Selectors.Check(spec.WorkloadSelector, place["workloadSelector"]);
        place["targetRefs"].Require("EF-3", !(place["workloadSelector"].Written && place["targetRefs"].Written), "cannot go with workloadSelector");
        // EF-4
        TargetReferences.Check(spec.TargetRefs, place["targetRefs"], kindsLimited: false);
        for (int i = 0; i < spec.ConfigPatches.Count; i++) CheckPatch(spec.ConfigPatches[i], place["configPatches"][i]);
    }

    private static void CheckPatch(EnvoyConfigPatch patch, Field at)
    {
        bool waypoint = patch.Match?.Context == EnvoyPatchContext.Waypoint;
        at["match"].Require("EF-6", patch.Match is null || waypoint == (patch.Match.Waypoint is not null), "waypoint must be set if, and only if, context is WAYPOINT");
        if (patch.Match?.Waypoint is { } inner && at["match"]["waypoint"]["portNumber"].Written)
            at["match"]["waypoint"]["portNumber"].Check("EF-7", Numbers.PortProblem(inner.PortNumber));
        // EF-5: of such a patch nothing else is looked at.
        if (waypoint) return;
        if (!at["applyTo"].Require("EF-9", patch.ApplyTo != EnvoyPatchTarget.Invalid, "is needed")
            || !at["patch"].Require("EF-11", patch.Patch is not null, "is needed")
            || !at["patch"]["operation"].Require("EF-12", patch.Patch!.Operation != EnvoyPatchOperation.Invalid, "is needed")
            || !at["patch"]["value"].Require("EF-14", patch.Patch.Operation == EnvoyPatchOperation.Remove || patch.Patch.Value is not null, "is needed, except to REMOVE"))
            return;
        if (patch.Match is { } match && CheckProxy(match.Proxy, at["match"]["proxy"])) CheckTarget(patch.ApplyTo, match, at["match"]);
    }

    private static bool CheckProxy(EnvoyProxyMatch? proxy, Field at)
    {
        if (string.IsNullOrEmpty(proxy?.ProxyVersion)) return true;
        Field place = at["proxyVersion"];
        if (Encoding.UTF8.GetByteCount(proxy.ProxyVersion) <= MaxExpression) return place.Check("EF-16", Re2.SyntaxProblem(proxy.ProxyVersion));
        place.Warning("EF-15", $"is longer than {MaxExpression} bytes and left out");
        return true;
    }

    private static void CheckTarget(EnvoyPatchTarget target, EnvoyConfigMatch match, Field at)
    {
        switch (target)
        {
            case EnvoyPatchTarget.Listener or EnvoyPatchTarget.FilterChain or EnvoyPatchTarget.NetworkFilter or EnvoyPatchTarget.HttpFilter:
                bool listener = match is { RouteConfiguration: null, Cluster: null, Waypoint: null };
                if (at.Require("EF-17", listener, "what is applied to listeners and filters can be matched by listener only")
                    && match.Listener?.FilterChain?.Filter is { } filter) CheckFilter(target, filter, at["listener"]["filterChain"]["filter"]);
                break;
            case EnvoyPatchTarget.RouteConfiguration or EnvoyPatchTarget.VirtualHost or EnvoyPatchTarget.HttpRoute:
                at.Require("EF-24", match is { Listener: null, Cluster: null, Waypoint: null }, "what is applied to routes can be matched by routeConfiguration only");
                break;
            case EnvoyPatchTarget.Cluster:
                at.Require("EF-25", match is { Listener: null, RouteConfiguration: null, Waypoint: null }, "what is applied to clusters can be matched by cluster only");
                break;
        }
    }

    private static void CheckFilter(EnvoyPatchTarget target, EnvoyNetworkFilterMatch filter, Field at)
    {
        if (target is EnvoyPatchTarget.Listener or EnvoyPatchTarget.FilterChain) at.Warning("EF-18", "has no effect on what is applied to listeners and filter chains");
        if (!at["name"].Require("EF-19", !string.IsNullOrEmpty(filter.Name), "is needed")) return;
        if (filter.SubFilter is { } inner)
        {
            bool connectionManager = filter.Name is "envoy.filters.network.http_connection_manager" or "envoy.http_connection_manager";
            if (!at["subFilter"].Require("EF-20", target == EnvoyPatchTarget.HttpFilter, "can be matched only for what is applied to HTTP_FILTER")
                || !at["subFilter"].Require("EF-21", connectionManager, "needs the filter envoy.filters.network.http_connection_manager")
                || !at["subFilter"]["name"].Require("EF-22", !string.IsNullOrEmpty(inner.Name), "is needed")) return;
            WarnOfOldName(inner.Name!, at["subFilter"]["name"]);
        }
        WarnOfOldName(filter.Name!, at["name"]);
    }

    private static void WarnOfOldName(string name, Field at)
    {
        if (EnvoyFilterNames.Replacement(name) is { } now) at.Warning("EF-23", $"\"{name}\" is an old name; use {now}");
    }
}
