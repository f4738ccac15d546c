namespace Lateen.Local;

/// <summary>Why the mesh cannot run here, in words for the one who started it.</summary>
public sealed class LocalMeshException : Exception
{
    /// <summary>With the whole message.</summary>
    public LocalMeshException(string message)
        : base(message)
    {
    }

    /// <summary>With the message and what was behind it.</summary>
    public LocalMeshException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
