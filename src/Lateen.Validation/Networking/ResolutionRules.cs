using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>What each resolution of a ServiceEntry asks for (SE-21 to SE-40).</summary>
internal static class ResolutionRules
{
    public static void Check(ServiceEntry entry, Field at)
    {
        ServiceEntrySpec spec = entry.Spec;
        switch (spec.Resolution)
        {
            case ServiceEntryResolution.None:
                CheckNone(spec, at);
                break;
            case ServiceEntryResolution.Static:
                CheckStatic(spec, at);
                break;
            case ServiceEntryResolution.Dns or ServiceEntryResolution.DnsRoundRobin:
                CheckDns(spec, at);
                break;
            case ServiceEntryResolution.DynamicDns:
                CheckDynamicDns(entry, at);
                break;
        }
        if (spec.Resolution == ServiceEntryResolution.None || spec.Hosts.Count < 2) return;
        for (int i = 0; i < spec.Ports.Count; i++)
        {
            string? protocol = spec.Ports[i].Protocol;
            at["ports"][i].Require("SE-40", Protocols.IsHttp(protocol) || Protocols.IsTls(protocol),
                "several hosts can only be told apart by HTTP and TLS, so the protocol must be one of these");
        }
    }

    private static void CheckNone(ServiceEntrySpec spec, Field at)
    {
        at["endpoints"].Require("SE-21", !at["endpoints"].Written, "cannot go with resolution NONE, which is the default");
        if (spec.WorkloadSelector is not null) at["workloadSelector"].Warning("SE-22", "has no effect with resolution NONE, which is the default");
    }

    private static void CheckStatic(ServiceEntrySpec spec, Field at)
    {
        for (int i = 0; i < spec.Endpoints.Count; i++)
        {
            Field place = at["endpoints"][i];
            // SE-23
            WorkloadEntryRules.Check(spec.Endpoints[i], addressOnly: true, place);
            if (UnixPath.Is(spec.Endpoints[i].Address)) place.Require("SE-25", spec.Ports.Count == 1, "a socket path needs exactly one service port");
            CheckPortNames("SE-24", spec, spec.Endpoints[i], place["ports"]);
        }
    }

    private static void CheckDns(ServiceEntrySpec spec, Field at)
    {
        if (spec.Endpoints.IsEmpty)
        {
            for (int i = 0; i < spec.Hosts.Count; i++)
            {
                if (!at["hosts"][i].Check("SE-27", HostName.FqdnProblem(spec.Hosts[i]) is null ? null : "without endpoints hosts are resolved themselves, so no wildcards")) break;
            }
        }
        at["endpoints"].Require("SE-28", spec.Resolution != ServiceEntryResolution.DnsRoundRobin || spec.Endpoints.Count <= 1, "DNS_ROUND_ROBIN takes one endpoint at most");
        for (int i = 0; i < spec.Endpoints.Count; i++)
        {
            WorkloadEntrySpec endpoint = spec.Endpoints[i];
            Field place = at["endpoints"][i];
            string address = endpoint.Address ?? "";
            place["address"].Check("SE-29", IpAddress.IsValid(address) ? null : HostName.FqdnProblem(address));
            place["labels"].Check("SE-30", LabelSyntax.Problem(endpoint.Labels));
            CheckPortNames("SE-31", spec, endpoint, place["ports"]);
        }
        if (!spec.Addresses.IsEmpty && spec.Hosts.Count > 1 && spec.Ports.Any(port => Protocols.IsTcp(port.Protocol)))
            at["addresses"].Warning("SE-32", "with several hosts a TCP port cannot tell by the address which one is meant");
    }

    private static void CheckDynamicDns(ServiceEntry entry, Field at)
    {
        ServiceEntrySpec spec = entry.Spec;
        at["hosts"].Require("SE-33", !spec.Hosts.IsEmpty, "needs at least one host with a wildcard");
        for (int i = 0; i < spec.Hosts.Count; i++) at["hosts"][i].Require("SE-34", spec.Hosts[i].StartsWith('*'), "must begin with a wildcard");
        at["addresses"].Require("SE-35", spec.Addresses.IsEmpty, "cannot go with resolution DYNAMIC_DNS");
        at["endpoints"].Require("SE-36", spec.Endpoints.IsEmpty, "cannot go with resolution DYNAMIC_DNS");
        for (int i = 0; i < spec.Ports.Count; i++)
        {
            bool named = spec.Ports[i].Protocol?.ToUpperInvariant() is "HTTP" or "TLS" or "GRPC" or "HTTP2";
            at["ports"][i]["protocol"].Require("SE-37", named, "must be HTTP, TLS, GRPC or HTTP2 with resolution DYNAMIC_DNS");
        }
        string waypoint = entry.Metadata.Labels.GetValueOrDefault("istio.io/use-waypoint", "");
        at["location"].Require("SE-39", spec.Location != ServiceEntryLocation.MeshInternal || waypoint.Length == 0 || waypoint.Equals("none", StringComparison.OrdinalIgnoreCase),
            "MESH_INTERNAL with resolution DYNAMIC_DNS cannot use a waypoint");
    }

    private static void CheckPortNames(string rule, ServiceEntrySpec spec, WorkloadEntrySpec endpoint, Field at)
    {
        foreach (string name in endpoint.Ports.Keys)
            at[name].Require(rule, spec.Ports.Any(port => port.Name == name), $"\"{name}\" is no port of the ServiceEntry");
    }
}
