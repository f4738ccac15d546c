using System.Runtime.InteropServices;
using Lateen.Proxy.Server;

namespace Lateen.Proxy.Host;

/// <summary>
/// SIGTERM drains and ends, SIGINT the same in a hurry, a second one ends at once; SIGUSR1 opens log files anew; SIGHUP and SIGPIPE are ignored.
/// </summary>
internal sealed class Signals : IDisposable
{
    private const PosixSignal UserSignal1 = (PosixSignal)10;
    private static readonly TimeSpan InterruptDrainTime = TimeSpan.FromSeconds(5);

    private readonly List<PosixSignalRegistration> _registrations = [];

    public Signals(ProxyServer server, TimeSpan drainTime)
    {
        Handle(PosixSignal.SIGTERM, () => server.Lifecycle.RequestShutdown(drainTime));
        Handle(PosixSignal.SIGINT, () => server.Lifecycle.RequestShutdown(drainTime < InterruptDrainTime ? drainTime : InterruptDrainTime));
        Handle(PosixSignal.SIGHUP, () => { });
        Handle(UserSignal1, server.ReopenLogs);
    }

    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void Handle(PosixSignal signal, Action action) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));
}
