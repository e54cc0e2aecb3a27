namespace Datapath.Linux.Listening;

/// <summary>
/// What a listener asks the programs for. It holds for a few seconds and is renewed: after a listener that was killed the first event takes it away, and
/// then nothing is left that costs.
/// </summary>
internal interface IListenerLease : IDisposable
{
    /// <summary>Says what is asked for. Nothing is told before <see cref="Renew"/>.</summary>
    void Sign();

    /// <summary>Asks until then.</summary>
    /// <param name="until">The time, ns on the clock of <see cref="EventClock.Now"/>.</param>
    void Renew(ulong until);

    /// <summary>Whether programs have taken back what was asked for, since the time was over when something happened.</summary>
    bool IsTakenBack { get; }

    /// <summary>Asks for nothing more.</summary>
    void End();
}
