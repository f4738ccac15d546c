using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>WorkloadEntry, and workloads as endpoints of ServiceEntries and templates of WorkloadGroups (WE).</summary>
internal static class WorkloadEntryRules
{
    public static void Check(WorkloadEntry entry, Field at)
    {
        Check(entry.Spec, addressOnly: false, at["spec"]);
        CheckSchema(entry.Spec, at["spec"]);
    }

    /// <summary>WE-1 to WE-8.</summary>
    /// <param name="entry">The workload.</param>
    /// <param name="addressOnly">Whether names are refused: endpoints of resolution STATIC.</param>
    /// <param name="at">Where it stands.</param>
    public static void Check(WorkloadEntrySpec entry, bool addressOnly, Field at)
    {
        string address = entry.Address ?? "";
        if (!at["address"].Require("WE-1", address.Length > 0 || !string.IsNullOrEmpty(entry.Network), "is needed when network is not set")) return;
        if (address.Length == 0) at["address"].Warning("WE-2", $"is not set; the workload is reached through the gateways of network {entry.Network}");
        else if (UnixPath.Is(address)) at["address"].Check("WE-3", UnixPath.Problem(address));
        else if (!IpAddress.IsValid(address))
            at["address"].Check("WE-5", addressOnly ? $"\"{address}\" is no IP address" : HostName.FqdnProblem(address));
        CheckPorts(entry, at);
        at["labels"].Check("WE-8", LabelSyntax.Problem(entry.Labels));
    }

    /// <summary>What the CRD itself asks for (WE-3, WE-4, WE-6, WE-7, WE-9; SE-44 to SE-47; WG-4).</summary>
    public static void CheckSchema(WorkloadEntrySpec entry, Field at)
    {
        string address = entry.Address ?? "";
        at["address"].Require("WE-9", address.Length <= 256, "must not be longer than 256");
        if (UnixPath.Is(address))
        {
            at["address"].Require("SE-44", address["unix://".Length..] is ['/' or '@', ..] && !address.EndsWith('/'), "must be an absolute path of a file, or an abstract socket (@name)");
            at["ports"].Require("WE-4", !at["ports"].Written, "cannot go with a socket path");
        }
        at["ports"].Require("WE-9", entry.Ports.Count <= 128, "must not have more than 128 ports");
        at["labels"].Require("WE-9", entry.Labels.Count <= 256, "must not have more than 256 labels");
        at["network"].Require("WE-9", (entry.Network?.Length ?? 0) <= 2048, "must not be longer than 2048");
        at["locality"].Require("WE-9", (entry.Locality?.Length ?? 0) <= 2048, "must not be longer than 2048");
        at["serviceAccount"].Require("WE-9", (entry.ServiceAccount?.Length ?? 0) <= 253, "must not be longer than 253");
        foreach ((string name, uint port) in entry.Ports)
        {
            at["ports"][name].Require("WE-6", name.Length < 63 && DnsLabel.IsValid(name), $"\"{name}\" is no port name: letters, digits and inner '-', less than 63");
            at["ports"][name].Check("WE-7", Numbers.PortProblem(port));
        }
    }

    private static void CheckPorts(WorkloadEntrySpec entry, Field at)
    {
        if (UnixPath.Is(entry.Address)) at["ports"].Require("WE-4", entry.Ports.IsEmpty, "cannot go with a socket path");
    }
}
