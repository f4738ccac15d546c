using System.Collections.Immutable;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;
using ServicePort = Lateen.Registry.ServicePort;

namespace Lateen.Translation.Tests;

/// <summary>Builds small meshes in code. What is added first is the oldest.</summary>
internal sealed class Mesh
{
    private readonly List<Service> services = [];
    private readonly List<Workload> workloads = [];
    private readonly Dictionary<ServiceKey, List<Endpoint>> endpoints = [];
    private readonly List<VirtualService> virtualServices = [];
    private readonly List<DestinationRule> destinationRules = [];
    private readonly List<Gateway> gateways = [];
    private readonly List<PeerAuthentication> policies = [];
    private int age;

    public MeshSettings Settings { get; set; } = MeshSettings.Default;

    public MeshSnapshot Build() => new(new SnapshotContent
    {
        Settings = Settings,
        Services = [.. services],
        Workloads = [.. workloads],
        Endpoints = endpoints.ToImmutableDictionary(entry => entry.Key, entry => entry.Value.ToImmutableArray()),
        VirtualServices = [.. virtualServices],
        DestinationRules = [.. destinationRules],
        Gateways = [.. gateways],
        PeerAuthentications = [.. policies],
    });

    public Mesh Add(Service service)
    {
        services.Add(service with { CreationOrder = new CreationOrder(default, "", ++age, service.Name, service.Namespace) });
        return this;
    }

    /// <summary>A Kubernetes Service with ports <c>name:number[:targetPort]</c> that selects workloads labelled <c>app: name</c>.</summary>
    public Mesh Service(string name, string @namespace, params string[] ports) =>
        Service(name, @namespace, service => service, ports);

    public Mesh Service(string name, string @namespace, Func<Service, Service> change, params string[] ports) => Add(change(new Service
    {
        Hostname = $"{name}.{@namespace}.svc.cluster.local",
        Name = name,
        Namespace = @namespace,
        Provider = ServiceProvider.Kubernetes,
        Ports = ports.Select(KubernetesPort).ToEquatableArray(),
        Addresses = [$"10.96.0.{services.Count + 1}"],
        Selector = new Dictionary<string, string> { ["app"] = name },
        ServiceAccounts = [$"spiffe://cluster.local/ns/{@namespace}/sa/{name}"],
    }));

    /// <summary>A host of a ServiceEntry, outside of the mesh.</summary>
    public Mesh External(string host, Resolution resolution, params string[] ports) => Add(new Service
    {
        Hostname = host,
        Name = host,
        Namespace = "default",
        Provider = ServiceProvider.External,
        Ports = ports.Select(ExternalPort).ToEquatableArray(),
        Resolution = resolution,
        MeshExternal = true,
    });

    /// <summary>A ready workload labelled <c>app: name</c> that serves every service selecting it.</summary>
    public Mesh Workload(string name, string @namespace, string address, string? version = null, Func<Workload, Workload>? change = null)
    {
        var labels = new Dictionary<string, string> { ["app"] = name, [TlsModes.Label] = TlsModes.Istio };
        if (version is not null) labels["version"] = version;
        var workload = new Workload
        {
            Name = $"{name}-{version ?? "v1"}-{workloads.Count}",
            Namespace = @namespace,
            Address = address,
            Labels = labels,
            ServiceAccount = name,
            WorkloadName = version is null ? name : $"{name}-{version}",
        };
        workload = change?.Invoke(workload) ?? workload;
        workloads.Add(workload);
        foreach (var service in services)
            if (Selects(service, workload)) Serve(service, workload);
        return this;
    }

    private static bool Selects(Service service, Workload workload) =>
        !service.Selector.IsEmpty && service.Namespace == workload.Namespace && service.Selector.Selects(workload.Labels);

    private void Serve(Service service, Workload workload)
    {
        foreach (var port in service.Ports)
        {
            Endpoint(service.Hostname, new Endpoint
            {
                Address = workload.Address,
                Port = port.TargetPort,
                ServicePort = port.Number,
                ServicePortName = port.Name,
                Namespace = workload.Namespace,
                Labels = workload.Labels,
                Workload = workload,
                WorkloadName = workload.WorkloadName,
                TlsMode = workload.TlsMode,
                Identity = $"spiffe://cluster.local/ns/{workload.Namespace}/sa/{workload.ServiceAccount}",
                Health = workload.Ready ? EndpointHealth.Healthy : EndpointHealth.Unhealthy,
                Locality = workload.Locality,
            });
        }
    }

    public Mesh Endpoint(string host, string address, uint port, uint servicePort) => Endpoint(host, new Endpoint
    {
        Address = address,
        Port = port,
        ServicePort = servicePort,
        ServicePortName = "",
        Namespace = "default",
    });

    public Mesh Endpoint(string host, Endpoint endpoint)
    {
        var key = services.First(service => service.Hostname == host).Key;
        if (!endpoints.TryGetValue(key, out var list)) endpoints[key] = list = [];
        list.Add(endpoint);
        return this;
    }

    public Mesh VirtualService(string name, string[] hosts, HttpRoute[] http, string[]? gateways = null, string @namespace = "default") =>
        VirtualService(name, new VirtualServiceSpec
        {
            Hosts = hosts.ToEquatableArray(),
            Http = http.ToEquatableArray(),
            Gateways = (gateways ?? []).ToEquatableArray(),
        }, @namespace);

    public Mesh VirtualService(string name, VirtualServiceSpec spec, string @namespace = "default")
    {
        virtualServices.Add(new VirtualService
        {
            ApiVersion = "networking.istio.io/v1",
            Kind = "VirtualService",
            Metadata = Meta(name, @namespace),
            Spec = spec,
        });
        return this;
    }

    public Mesh DestinationRule(string name, string host, TrafficPolicy? policy = null, Subset[]? subsets = null, string @namespace = "default") =>
        DestinationRule(name, new DestinationRuleSpec { Host = host, TrafficPolicy = policy, Subsets = (subsets ?? []).ToEquatableArray() }, @namespace);

    public Mesh DestinationRule(string name, DestinationRuleSpec spec, string @namespace = "default")
    {
        destinationRules.Add(new DestinationRule
        {
            ApiVersion = "networking.istio.io/v1",
            Kind = "DestinationRule",
            Metadata = Meta(name, @namespace),
            Spec = spec,
        });
        return this;
    }

    public Mesh Gateway(string name, string @namespace, params Server[] servers)
    {
        gateways.Add(new Gateway
        {
            ApiVersion = "networking.istio.io/v1",
            Kind = "Gateway",
            Metadata = Meta(name, @namespace),
            Spec = new GatewaySpec
            {
                Selector = new Dictionary<string, string> { ["istio"] = "ingressgateway" },
                Servers = servers.ToEquatableArray(),
            },
        });
        return this;
    }

    public Mesh PeerAuthentication(
        string name, string @namespace, MutualTlsMode mode, Dictionary<string, string>? selector = null, Dictionary<string, MutualTls>? ports = null)
    {
        policies.Add(new PeerAuthentication
        {
            ApiVersion = "security.istio.io/v1",
            Kind = "PeerAuthentication",
            Metadata = Meta(name, @namespace),
            Spec = new PeerAuthenticationSpec
            {
                Mtls = new MutualTls { Mode = mode },
                Selector = selector is null ? null : new WorkloadSelector { MatchLabels = selector },
                PortLevelMtls = ports ?? [],
            },
        });
        return this;
    }

    private ObjectMetadata Meta(string name, string @namespace) => new()
    {
        Name = name,
        Namespace = @namespace,
        CreationTimestamp = DateTimeOffset.UnixEpoch.AddSeconds(++age),
    };

    private static ServicePort KubernetesPort(string text)
    {
        var parts = text.Split(':');
        var number = uint.Parse(parts[1]);
        return new ServicePort
        {
            Name = parts[0],
            Number = number,
            Protocol = ProtocolSelection.ForKubernetesPort(null, null, parts[0], (int)number),
            TargetPort = parts.Length > 2 ? uint.Parse(parts[2]) : number,
        };
    }

    private static ServicePort ExternalPort(string text)
    {
        var parts = text.Split(':');
        var number = uint.Parse(parts[1]);
        return new ServicePort { Name = parts[0], Number = number, Protocol = ProtocolSelection.Parse(parts[0]), TargetPort = number };
    }
}
