using Google.Protobuf.WellKnownTypes;

namespace Lateen.Xds.Client;

/// <summary>Takes in the resources that the control plane sends. Called for one response at a time.</summary>
public interface IResourceHandler
{
    /// <summary>Applies a response completely.</summary>
    /// <returns>Null to accept it (ACK), else why it is rejected (NACK). An exception rejects with its message.</returns>
    ValueTask<string?> HandleAsync(ResourceResponse response, CancellationToken cancellationToken);
}

/// <summary>The resources of one response, taken out of their envelopes.</summary>
/// <param name="TypeUrl">The type of all of them.</param>
/// <param name="Version">The version the control plane gave them.</param>
/// <param name="Resources">The resources. For LDS and CDS the complete set; for other types what is not in it is unchanged.</param>
public sealed record ResourceResponse(string TypeUrl, string Version, IReadOnlyList<Any> Resources);
