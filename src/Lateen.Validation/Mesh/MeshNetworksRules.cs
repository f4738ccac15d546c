using Lateen.Resources.Mesh;
using Lateen.Resources.Reading;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Mesh;

/// <summary>Rules on the mesh's networks (MN).</summary>
public static class MeshNetworksRules
{
    /// <summary>What is wrong with the networks.</summary>
    /// <param name="networks">The networks as written.</param>
    /// <param name="origin">Where they were read.</param>
    /// <param name="key">The object they stand in, or null.</param>
    public static IReadOnlyList<Finding> Check(MeshNetworks networks, ResourceOrigin origin, ObjectKey? key)
    {
        var report = new RuleReport(key, origin);
        Field at = new Field(report)["networks"];
        foreach ((string name, MeshNetwork network) in networks.Networks) CheckNetwork(network, at[name]);
        return report.Findings;
    }

    private static void CheckNetwork(MeshNetwork network, Field at)
    {
        for (int i = 0; i < network.Endpoints.Count; i++)
        {
            Field place = at["endpoints"][i];
            if (network.Endpoints[i].FromCidr is { } block) place["fromCidr"].Check("MN-1", IpAddress.SubnetProblem(block));
            if (network.Endpoints[i].FromRegistry is { } registry) place["fromRegistry"].Check("MN-2", DnsLabel.Problem(registry));
        }
        for (int i = 0; i < network.Gateways.Count; i++)
        {
            NetworkGateway gateway = network.Gateways[i];
            Field place = at["gateways"][i];
            if (gateway.RegistryServiceName is { } service) place["registryServiceName"].Check("MN-3", HostName.FqdnProblem(service));
            if (gateway.Address is { } address) place["address"].Check("MN-4", IpAddress.IsValid(address) ? null : HostName.FqdnProblem(address));
            place["port"].Check("MN-5", Numbers.PortProblem(gateway.Port));
        }
    }
}
