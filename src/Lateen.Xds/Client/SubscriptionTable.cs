using System.Collections.Immutable;

namespace Lateen.Xds.Client;

/// <summary>All subscriptions of a client, in the order they were made; outlives its streams.</summary>
internal sealed class SubscriptionTable
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];
    private TaskCompletionSource _due = NewSignal();
    private bool _held;

    /// <summary>Replaces the names wanted of a type. None means everything for LDS and CDS, nothing for other types.</summary>
    public void Subscribe(string typeUrl, IEnumerable<string> names)
    {
        lock (_gate)
        {
            var subscription = GetOrAdd(typeUrl);
            var wanted = names.ToImmutableSortedSet(StringComparer.Ordinal);
            if (subscription.Subscribed && subscription.Names.SetEquals(wanted))
                return;
            if (!subscription.Subscribed)
                Start(subscription);
            subscription.Names = wanted;
            subscription.Due = subscription.Wanted || subscription.SentNames is not null;
            SignalIfDue();
        }
    }

    /// <summary>Holds back (or releases) requests of a type; they merge meanwhile.</summary>
    public void Pause(string typeUrl, int by)
    {
        lock (_gate)
        {
            GetOrAdd(typeUrl).Pauses += by;
            SignalIfDue();
        }
    }

    /// <summary>Holds back all requests while a response is handled, so that what changes meanwhile is sent at once after.</summary>
    public void Hold(bool held)
    {
        lock (_gate)
        {
            _held = held;
            SignalIfDue();
        }
    }

    public void StartStream()
    {
        lock (_gate)
        {
            _held = false;
            foreach (var subscription in _subscriptions)
                subscription.StartStream();
            SignalIfDue();
        }
    }

    public void EndStream()
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions.Where(s => s.Subscribed))
                subscription.Statistics.Failed();
        }
    }

    /// <summary>Whether the type was ever subscribed to.</summary>
    public bool IsKnown(string typeUrl)
    {
        lock (_gate)
            return Find(typeUrl) is { Subscribed: true };
    }

    /// <summary>Whether anything of the type is subscribed to now.</summary>
    public bool IsWanted(string typeUrl)
    {
        lock (_gate)
            return Find(typeUrl) is { Wanted: true };
    }

    public void Accept(string typeUrl, string version, string nonce, DateTimeOffset now)
    {
        lock (_gate)
        {
            var subscription = GetOrAdd(typeUrl);
            subscription.Version = version;
            subscription.Nonce = nonce;
            subscription.Due = true;
            subscription.Statistics.Accepted(version, now);
            SignalIfDue();
        }
    }

    public void Reject(string typeUrl, string nonce, string error)
    {
        lock (_gate)
        {
            var subscription = GetOrAdd(typeUrl);
            subscription.Nonce = nonce;
            subscription.Rejection = error;
            subscription.Due = true;
            subscription.Statistics.Rejected(error);
            SignalIfDue();
        }
    }

    /// <summary>Waits for a request to be due and takes it.</summary>
    public async Task<PendingRequest> TakeDueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (_gate)
            {
                if (FirstDue() is { } subscription)
                    return subscription.TakeRequest();
                if (_due.Task.IsCompleted)
                    _due = NewSignal();
                signal = _due.Task;
            }

            await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public SubscriptionStatistics Statistics(string typeUrl)
    {
        lock (_gate)
            return GetOrAdd(typeUrl).Statistics;
    }

    private Subscription? Find(string typeUrl) => _subscriptions.Find(s => s.TypeUrl == typeUrl);

    private Subscription GetOrAdd(string typeUrl)
    {
        var found = Find(typeUrl);
        if (found is null)
            _subscriptions.Add(found = new Subscription(typeUrl));
        return found;
    }

    private void Start(Subscription subscription)
    {
        subscription.Subscribed = true;
        subscription.Statistics.Started();
        _subscriptions.Remove(subscription);
        _subscriptions.Add(subscription);
    }

    private Subscription? FirstDue() => _held ? null : _subscriptions.Find(s => s.Due && s.Pauses == 0);

    private void SignalIfDue()
    {
        if (FirstDue() is not null)
            _due.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
