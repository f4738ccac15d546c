using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>ServiceEntry (SE).</summary>
internal static class ServiceEntryRules
{
    public static void Check(ServiceEntry entry, Field at)
    {
        ServiceEntrySpec spec = entry.Spec;
        Field place = at["spec"];
        Selectors.Check(spec.WorkloadSelector, place["workloadSelector"]);
        place["endpoints"].Require("SE-2", !(place["workloadSelector"].Written && place["endpoints"].Written), "cannot go with workloadSelector");
        CheckHosts(spec, place["hosts"]);
        CheckAddresses(spec, place["addresses"]);
        CheckPorts(entry, place["ports"]);
        ResolutionRules.Check(entry, place);
        ExportTo.Check(spec.ExportTo, entry.Namespace, place["exportTo"], nobodyAllowed: true);
        CheckEndpointSchema(spec, place["endpoints"]);
    }

    private static void CheckHosts(ServiceEntrySpec spec, Field at)
    {
        at.Require("SE-3", !spec.Hosts.IsEmpty, "needs at least one host");
        at.Require("SE-4", spec.Hosts.Count <= 256, "must not have more than 256 hosts");
        for (int i = 0; i < spec.Hosts.Count; i++)
        {
            string host = spec.Hosts[i];
            if (!at[i].Require("SE-5", host != "*", "must name a host, not all") || !at[i].Check("SE-6", HostName.WildcardProblem(host))) continue;
            if (spec.Resolution != ServiceEntryResolution.DynamicDns && HostName.HasPartialWildcard(host))
                at[i].Warning("SE-7", $"\"{host}\": a wildcard should be the whole first label");
        }
    }

    private static void CheckAddresses(ServiceEntrySpec spec, Field at)
    {
        bool blocks = spec.Resolution is ServiceEntryResolution.None or ServiceEntryResolution.Static;
        at.Require("SE-10", spec.Addresses.Count <= 256, "must not have more than 256 addresses");
        for (int i = 0; i < spec.Addresses.Count; i++)
        {
            string address = spec.Addresses[i];
            at[i].Check("SE-8", IpAddress.SubnetProblem(address));
            at[i].Require("SE-9", blocks || !address.Contains('/', StringComparison.Ordinal), "blocks of addresses are possible with resolution NONE and STATIC only");
            at[i].Require("SE-10", address.Length <= 64, "must not be longer than 64");
        }
    }

    private static void CheckPorts(ServiceEntry entry, Field at)
    {
        ServiceEntrySpec spec = entry.Spec;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<uint>();
        bool allocated = spec.Resolution != ServiceEntryResolution.None
            && !"false".Equals(entry.Metadata.Labels.GetValueOrDefault("networking.istio.io/enable-autoallocate-ip"), StringComparison.OrdinalIgnoreCase);
        at.Require("SE-18", spec.Ports.Count <= 256, "must not have more than 256 ports");
        for (int i = 0; i < spec.Ports.Count; i++)
        {
            ServiceEntryPort port = spec.Ports[i];
            at[i]["name"].Require("SE-11", names.Add(port.Name), $"\"{port.Name}\" is the name of another port");
            at[i]["number"].Require("SE-12", numbers.Add(port.Number), $"{port.Number} is there twice");
            if (at[i]["targetPort"].Written) at[i]["targetPort"].Check("SE-13", Numbers.PortProblem(port.TargetPort));
            if (spec.Addresses.IsEmpty && !allocated && port.Protocol is null or "" or "TCP")
                at[i].Warning("SE-14", "a TCP port needs addresses, without which it stands for every address");
            at[i]["name"].Check("SE-15", DnsLabel.Problem(port.Name));
            at[i]["protocol"].Check("SE-16", Protocols.OptionalProblem(port.Protocol));
            at[i]["number"].Check("SE-17", Numbers.PortProblem(port.Number));
        }
    }

    private static void CheckEndpointSchema(ServiceEntrySpec spec, Field at)
    {
        at.Require("SE-42", spec.Endpoints.Count <= 4096, "must not have more than 4096 endpoints");
        for (int i = 0; i < spec.Endpoints.Count; i++)
        {
            at[i].Require("SE-43", at[i]["address"].Written || at[i]["network"].Written, "needs address or network");
            WorkloadEntryRules.CheckSchema(spec.Endpoints[i], at[i]);
        }
    }
}
