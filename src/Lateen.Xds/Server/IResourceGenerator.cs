using Google.Protobuf.WellKnownTypes;

namespace Lateen.Xds.Server;

/// <summary>Makes the resources of one state of the configuration. Immutable and safe for use by many threads.</summary>
/// <typeparam name="TClient">What the server's user knows about a client.</typeparam>
public interface IResourceGenerator<in TClient>
{
    /// <summary>The resources that answer a query; null when nothing is to be sent.</summary>
    IReadOnlyList<Any>? Generate(TClient client, ResourceQuery query);
}

/// <summary>Which resources are asked for.</summary>
/// <param name="TypeUrl">Their type.</param>
/// <param name="Names">Their names; null means all of the type.</param>
public sealed record ResourceQuery(string TypeUrl, IReadOnlyCollection<string>? Names);
