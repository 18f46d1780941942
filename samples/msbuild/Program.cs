System.Console.WriteLine("This program is what gets deployed.");
