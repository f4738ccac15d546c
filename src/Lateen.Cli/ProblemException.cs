namespace Lateen.Cli;

/// <summary>What keeps a command from doing its work, in words for the user; ends it with <see cref="ExitCodes.Problem"/>.</summary>
internal sealed class ProblemException(string message) : Exception(message);
