using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux;

/// <content>What others do to programs and pins.</content>
public sealed partial class LinuxMasquerade
{
    private readonly DisturbanceHistory _history = new(TimeProvider.System);
    private readonly FaultListeners _faultListeners;
    private ImmutableArray<string> _pinFaults = [];

    /// <summary>
    /// Raised when somebody else detached programs from a device that is there, after they were attached again, and when they cannot be, once until that is for another reason. That is
    /// looked for once a second and by each <see cref="Apply"/>. On a thread of the engine's, or the one that called <see cref="Apply"/>, <see cref="GetStatus"/> or
    /// <see cref="RefreshDevices"/>; a handler must not throw.
    /// </summary>
    public event EventHandler<MasqueradeDetachment>? Detached;

    /// <summary>
    /// Raised when pins were found deleted or out of reach, once until that is otherwise, with the sentence that <see cref="FindFaults"/> has. That is looked for once a second and by each <see cref="Apply"/>.
    /// Packets are translated all the same, as long as this process lives. On threads as <see cref="Detached"/>; a handler must not throw.
    /// </summary>
    public event EventHandler<string>? PinsLost;

    /// <inheritdoc/>
    /// <remarks>
    /// That programs were detached is told for a minute, and for as long as they cannot be attached again; that pins are gone is told until they are back. What the last look found: it asks the
    /// kernel nothing.
    /// </remarks>
    public ImmutableArray<string> FindFaults()
    {
        lock (_gate)
            return [.. _history.WarnIfNew(), .. FindLastingFaults()];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Programs that were detached and cannot be attached again; of several devices all, with semicolons. Pins that are gone are none: packets are translated all the same. What the last look
    /// found, once a second and by each <see cref="Apply"/>: it asks the kernel nothing.
    /// </remarks>
    public string? FindOutage()
    {
        lock (_gate)
            return _devices.Failing.Any() ? string.Join("; ", _devices.Failing) : null;
    }

    /// <inheritdoc/>
    public IDisposable WatchForFaults(Action changed) => _faultListeners.Add(changed);

    private IEnumerable<string> FindLastingFaults() =>
    [
        .. _devices.Failing.Select(static failing => failing.ToString()),
        .. StatusWarnings.OfHooks(_guard.Failure),
        .. _pinFaults,
    ];

    private void LookAround()
    {
        LookAfterHooks();
        LookAfterPins();
    }

    // Programs of a device that was removed are gone too: the look at the devices tells which it is.
    private void LookAfterHooks()
    {
        bool isIncomplete;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            isIncomplete = _devices.IsIncomplete;
        }

        if (isIncomplete)
            Tell(_namespace.Run(Refresh));
    }

    private void LookAfterPins()
    {
        ImmutableArray<string> lost;
        lock (_gate)
        {
            if (_isDisposed || _pins is null)
                return;
            var pinned = _object.Maps.Where(static map => !map.Key.StartsWith('.') && !MasqueradeObject.Scratch.Contains(map.Key)); // those with a dot are sections of variables
            ImmutableArray<string> now = [.. PinFaults.Find(_pins, pinned, _devices.Links)];
            lost = [.. now.Except(_pinFaults)];
            _pinFaults = now;
        }

        foreach (var fault in lost)
            PinsLost?.Invoke(this, fault);
    }
}
