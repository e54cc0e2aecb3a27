using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>
/// A datapath for programs without a generic host: started by one call, stopped by disposing it. Several may run in one process, each with a cgroup, a pin
/// folder and, if it masquerades, devices of its own.
/// </summary>
public sealed class DatapathHost : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly ImmutableArray<IHostedService> _services;
    private readonly DatapathOptions _options;
    private int _isDisposed;

    private DatapathHost(ServiceProvider provider)
    {
        _provider = provider;
        _options = provider.GetRequiredService<IOptions<DatapathOptions>>().Value;
        _services = [.. provider.GetServices<IHostedService>()];
        Client = provider.GetRequiredService<DatapathClient>();
        Monitor = provider.GetRequiredService<DatapathMonitor>();
    }

    /// <summary>Gives the datapath services, backends and policies.</summary>
    public DatapathClient Client { get; }

    /// <summary>Shows how the datapath stands.</summary>
    public DatapathMonitor Monitor { get; }

    /// <summary>Everything it is made of, such as <see cref="IDatapath"/> and <see cref="IMasquerade"/>.</summary>
    public IServiceProvider Services => _provider;

    /// <summary>
    /// Ends with the reason when a part of it fails, and without one when it has been stopped (<see cref="DisposeAsync"/>). A program that has nothing better to do waits for this.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a datapath.</summary>
    /// <param name="configure">Sets options. Default: none, and then every process of the machine is served.</param>
    /// <param name="build">Adds sources, logging and whatever else; before the datapath's own, so that what is here comes first.</param>
    /// <param name="cancellationToken">Ends the start; what was started is stopped. If it is cancelled already, nothing is.</param>
    /// <returns>A datapath that holds what its sources told: nothing yet, if there is none but <see cref="Client"/>.</returns>
    /// <exception cref="OptionsValidationException">Options are wrong: all mistakes at once. The kernel was not touched.</exception>
    /// <exception cref="Linux.LinuxException">The kernel refused; the message says what and what to do.</exception>
    /// <exception cref="OperationCanceledException">The start was given up.</exception>
    public static Task<DatapathHost> StartAsync(
        Action<DatapathOptions>? configure = null, Action<IDatapathBuilder>? build = null, CancellationToken cancellationToken = default)
    {
        var services = new ServiceCollection();
        Add(services.AddLogging().AddDatapath(configure), build);
        return StartAsync(services, cancellationToken);
    }

    /// <inheritdoc cref="StartAsync(Action{DatapathOptions}?, Action{IDatapathBuilder}?, CancellationToken)"/>
    /// <param name="options">The options. They must not be changed afterwards.</param>
    /// <param name="build">Adds sources, logging and whatever else.</param>
    /// <param name="cancellationToken">Ends the start; what was started is stopped. If it is cancelled already, nothing is.</param>
    public static Task<DatapathHost> StartAsync(DatapathOptions options, Action<IDatapathBuilder>? build = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var services = new ServiceCollection();
        services.TryAddSingleton<IOptionsFactory<DatapathOptions>>(
            provider => new GivenOptions(options, provider.GetServices<IValidateOptions<DatapathOptions>>()));
        Add(services.AddLogging().AddDatapath(), build);
        return StartAsync(services, cancellationToken);
    }

    /// <summary>
    /// Stops it. With the pinned lifetime services go on working; otherwise nothing is left. Takes no longer than <see cref="DatapathOptions.StopTimeout"/>
    /// and what the engine needs to let go. Calls of <see cref="Client"/> that wait, and those that come later, end with an <see cref="ObjectDisposedException"/>. Doing it twice is no error.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        using var deadline = new CancellationTokenSource(_options.StopTimeout);
        try
        {
            foreach (var service in _services.Reverse())
                await service.StopAsync(deadline.Token).ConfigureAwait(false);
        }
        finally
        {
            await _provider.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Add(IDatapathBuilder builder, Action<IDatapathBuilder>? build)
    {
        build?.Invoke(builder);
        _ = builder.AddClient();
    }

    private static async Task<DatapathHost> StartAsync(ServiceCollection services, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // before the engine is opened, which nothing can cut short
        var provider = services.BuildServiceProvider();
        DatapathHost host;
        try
        {
            provider.GetService<IStartupValidator>()?.Validate();
            host = new(provider);
        }
        catch
        {
            await provider.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        try
        {
            await host.StartServicesAsync(cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StartServicesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // while the engine was opened
        foreach (var service in _services)
            await service.StartAsync(cancellationToken).ConfigureAwait(false);
        Completion = EndAsync([.. _services.OfType<BackgroundService>().Select(static service => service.ExecuteTask).OfType<Task>()]);
        try
        {
            _ = await Monitor.WaitForAsync(static snapshot => snapshot.IsSynced, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidOperationException e) when (Monitor.EndReason is { } reason && ReferenceEquals(e.InnerException, reason))
        {
            await Completion.ConfigureAwait(false); // it says why in its own words
            throw;
        }
    }

    // One that ends well was not needed; one that fails ends it all, as it ends a generic host.
    private async Task EndAsync(IEnumerable<Task> parts)
    {
        await foreach (var ended in Task.WhenEach(parts).ConfigureAwait(false))
        {
            if (ended.IsCanceled && Volatile.Read(ref _isDisposed) != 0)
                continue; // it was stopped
            await ended.ConfigureAwait(ConfigureAwaitOptions.None);
        }
    }
}
