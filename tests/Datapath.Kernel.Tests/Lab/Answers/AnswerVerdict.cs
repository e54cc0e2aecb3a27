namespace Datapath.Kernel.Tests.Lab;

/// <summary>What is to be said of an answer.</summary>
internal enum AnswerVerdict
{
    /// <summary>The state before or after a change that the dial met allows it.</summary>
    Right,

    /// <summary>The socket was ended on the way, because a change that the dial met took its backend away.</summary>
    Ended,

    /// <summary>No state that the dial met allows it.</summary>
    Wrong,
}
