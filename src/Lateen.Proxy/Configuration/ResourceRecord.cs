using Google.Protobuf;

namespace Lateen.Proxy.Configuration;

/// <summary>One resource as <c>/config_dump</c> shows it.</summary>
/// <param name="Name">The resource's name.</param>
/// <param name="Version">The version it came with; empty for static ones.</param>
/// <param name="Resource">What is in force; null when nothing was accepted yet.</param>
/// <param name="LastUpdated">When it was put in force.</param>
public sealed record ResourceRecord(string Name, string Version, IMessage? Resource, DateTimeOffset LastUpdated)
{
    /// <summary>The last version that was rejected since; null when there is none.</summary>
    public ResourceRejection? Rejection { get; init; }

    /// <summary>A newer configuration that waits for what it depends on; null when there is none.</summary>
    public ResourceRecord? Warming { get; init; }
}

/// <summary>Why an update of a resource was rejected.</summary>
/// <param name="Version">The rejected version.</param>
/// <param name="Details">The reason.</param>
/// <param name="At">When.</param>
public sealed record ResourceRejection(string Version, string Details, DateTimeOffset At);

/// <summary>The records of one resource type by name; for admin pages, off the request's way.</summary>
public sealed class ResourceRecords(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ResourceRecord> _records = new(StringComparer.Ordinal);

    /// <summary>The records now, sorted by name.</summary>
    public IReadOnlyList<ResourceRecord> Snapshot()
    {
        lock (_gate)
            return [.. _records.Values];
    }

    internal void Accept(string name, string version, IMessage resource) => Change(name, _ => new(name, version, resource, time.GetUtcNow()));

    internal void Warm(string name, string version, IMessage resource)
    {
        var warming = new ResourceRecord(name, version, resource, time.GetUtcNow());
        Change(name, record => (record ?? new(name, "", null, default)) with { Warming = warming });
    }

    internal void Reject(string name, string version, string details)
    {
        var rejection = new ResourceRejection(version, details, time.GetUtcNow());
        Change(name, record => (record ?? new(name, "", null, default)) with { Rejection = rejection });
    }

    internal void Remove(string name)
    {
        lock (_gate)
            _records.Remove(name);
    }

    private void Change(string name, Func<ResourceRecord?, ResourceRecord> change)
    {
        lock (_gate)
            _records[name] = change(_records.GetValueOrDefault(name));
    }
}
