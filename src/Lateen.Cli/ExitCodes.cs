namespace Lateen.Cli;

/// <summary>What <c>lateen</c> exits with; part of its interface.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and nothing wrong found.</summary>
    internal const int Success = 0;

    /// <summary>Something is wrong: a mesh that cannot run, a proxy that is not in sync, a control plane that does not answer.</summary>
    internal const int Problem = 1;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 2;
}
